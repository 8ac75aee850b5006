import { Liquid, LiquidError } from 'liquidjs';

import { formatMoney } from '../domain/money';

export interface TemplateBody {
  readonly subject: string;
  readonly text: string;
  readonly html: string | null;
}

export type Rendered =
  | {
      readonly kind: 'rendered';
      readonly subject: string;
      readonly text: string;
      readonly html: string;
    }
  | {
      readonly kind: 'refused';
      readonly code: 'template_invalid' | 'template_variable_missing' | 'template_limit_exceeded';
    };

/** Templates are written by people outside: nothing they say may reach a file, a prototype, or run for long. */
const GUARDS = {
  strictVariables: true,
  strictFilters: true,
  ownPropertyOnly: true,
  templates: {},
  parseLimit: 64 * 1024,
  renderLimit: 500,
  memoryLimit: 1_000_000,
};
const OUTPUT_MAX = 256 * 1024;

const plain = withFilters(new Liquid(GUARDS));
const escaping = withFilters(new Liquid({ ...GUARDS, outputEscape: 'escape' }));

function withFilters(engine: Liquid): Liquid {
  engine.registerFilter('money', (minor: unknown, currency: unknown) =>
    typeof minor === 'number' && typeof currency === 'string' ? formatMoney(minor, currency) : '',
  );
  return engine;
}

/**
 * Renders one message; HTML is escaped, subjects are one line. What a template does wrong is an outcome, never thrown:
 * the same template and variables give the same answer, so trying again is useless.
 */
export function renderMessage(body: TemplateBody, variables: object): Rendered {
  try {
    const subject = render(plain, body.subject, variables).replace(/\s+/g, ' ').trim();
    const text = render(plain, body.text, variables).replace(/\n{3,}/g, '\n\n');
    const html = body.html === null ? '' : render(escaping, body.html, variables);
    if (subject.length + text.length + html.length > OUTPUT_MAX)
      return { kind: 'refused', code: 'template_limit_exceeded' };
    return { kind: 'rendered', subject, text, html };
  } catch (err) {
    return { kind: 'refused', code: refusalOf(err) };
  }
}

function render(engine: Liquid, template: string, variables: object): string {
  return String(engine.parseAndRenderSync(template, variables));
}

function refusalOf(err: unknown): Extract<Rendered, { kind: 'refused' }>['code'] {
  if (!LiquidError.is(err)) return 'template_invalid';
  if (err.name === 'UndefinedVariableError') return 'template_variable_missing';
  if (/limit exceeded/.test(err.message)) return 'template_limit_exceeded';
  return 'template_invalid';
}
