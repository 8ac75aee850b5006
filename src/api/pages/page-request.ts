import type { Return } from '../../contracts/returns';
import type { RouteContext } from '../route';

/** A request to a page behind a link. */
export type PageRequest = RouteContext<
  { token: string },
  Record<string, unknown>,
  Record<string, unknown>
>;

interface PageResult<S extends number> {
  readonly status: S;
  /** HTML. */
  readonly body: string;
}

/** A page to look at, or why there is none. */
export type LookAnswer = PageResult<200> | PageResult<404> | PageResult<409> | PageResult<410>;

/** What comes of a form: a page, or where a program asked for it the document that it made. */
export type PageAnswer =
  | LookAnswer
  | PageResult<201>
  | { readonly status: 201; readonly body: { readonly return: Return } }
  | PageResult<422>;
