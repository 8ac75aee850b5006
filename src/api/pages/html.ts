export type PageLocale = 'en' | 'zh';

const STYLE = `body{font-family:system-ui,sans-serif;font-size:1.125rem;line-height:1.5;color:#1a1a1a;background:#fff;max-width:40rem;margin:0 auto;padding:1.5rem}
fieldset{border:1px solid #767676;border-radius:.25rem;margin:0 0 1.5rem;padding:1rem}
.scores{display:flex;flex-wrap:wrap;gap:.5rem}
.scores label{display:inline-flex;align-items:center;gap:.25rem;min-height:2.75rem;min-width:3rem}
textarea{box-sizing:border-box;width:100%;font:inherit;padding:.5rem;border:1px solid #767676}
select,input[type=number]{font:inherit;min-height:2.75rem;padding:.25rem .5rem;border:1px solid #767676}
button{font:inherit;padding:.75rem 1.5rem;color:#fff;background:#1a4d8f;border:0;border-radius:.25rem}
:focus-visible{outline:3px solid #b35c00;outline-offset:2px}
.alert{border-left:.25rem solid #b00020;padding:.5rem 1rem}`;

/** A whole page; `main` is HTML. */
export function htmlPage(locale: PageLocale, title: string, main: string): string {
  return `<!doctype html>
<html lang="${locale === 'zh' ? 'zh-CN' : 'en'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${main}
</main>
</body>
</html>
`;
}

/** The words of a page with a form. */
export interface FormWords {
  readonly title: string;
  readonly intro: string;
  readonly send: string;
  /** What is said where the last try could not be taken. */
  readonly refused: string;
}

/** A page with a form that works without scripts; `fields` is HTML. `isRefused`: the last try could not be taken. */
export function formHtml(
  locale: PageLocale,
  { title, intro, send, refused }: FormWords,
  fields: string,
  isRefused: boolean,
): string {
  const alert = isRefused ? `<p class="alert" role="alert">${refused}</p>` : '';
  return htmlPage(
    locale,
    title,
    `<h1>${title}</h1>
<p>${intro}</p>
${alert}
<form method="post">
${fields}
<button type="submit">${send}</button>
</form>`,
  );
}

/** A page that only says something. */
export function noticeHtml(
  locale: PageLocale,
  [title, detail]: readonly [title: string, detail: string],
): string {
  return htmlPage(locale, title, `<h1>${escapeHtml(title)}</h1>\n<p>${escapeHtml(detail)}</p>`);
}

/** Text that cannot be taken for markup. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
