import { ServiceError } from './service-error.ts';

/** The size of a page when the caller names none. */
const defaultPageSize = 100;

export interface PageRequest {
  /** What is listed, filters included: a token is good for the same list only. */
  readonly list: readonly unknown[];
  /** 0 for the default. */
  readonly maxResults: number;
  readonly nextToken?: string | undefined;
}

/**
 * Cuts one page out of a list.
 *
 * @param position of an item: rises along the list, and stays with the item while others come and go
 * @throws {ServiceError} InvalidToken for a token of another list, or none of ours
 */
export function cutPage<Item>(
  items: readonly Item[],
  position: (item: Item) => number,
  { list, maxResults, nextToken }: PageRequest,
): { items: Item[]; nextToken?: string } {
  const after = nextToken === undefined ? -Infinity : readToken(nextToken, list);
  const start = items.findIndex((item) => position(item) > after);
  const end = start + (maxResults || defaultPageSize);
  const cut = start === -1 ? [] : items.slice(start, end);
  const last = cut.at(-1);
  if (last === undefined || end >= items.length) return { items: cut };
  return { items: cut, nextToken: writeToken(list, position(last)) };
}

function writeToken(list: readonly unknown[], after: number): string {
  return Buffer.from(JSON.stringify([...list, after])).toString('base64url');
}

function readToken(token: string, list: readonly unknown[]): number {
  const after = Number(/(-?\d+)\]$/.exec(Buffer.from(token, 'base64url').toString())?.[1]);
  // Written again and compared, a token of any other make fails without being parsed.
  if (writeToken(list, after) !== token) {
    throw new ServiceError('InvalidToken', "Invalid Token: 'Invalid token'");
  }
  return after;
}
