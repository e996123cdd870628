import { ServiceError } from './service-error.ts';

/** The page size if the caller does not set one. */
const defaultPageSize = 100;

export interface PageRequest {
  /** Identifies the list and its filters: a token is valid for the same list only. */
  readonly list: readonly unknown[];
  /** 0 for the default. */
  readonly maxResults: number;
  readonly nextToken?: string | undefined;
}

/**
 * Returns one page of a list.
 *
 * @param position returns a number that increases along the list and never changes for an item
 * @throws {ServiceError} InvalidToken if the token belongs to another list or is not ours
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
  // Comparing it with a newly written token validates it without parsing the rest.
  if (writeToken(list, after) !== token) {
    throw new ServiceError('InvalidToken', "Invalid Token: 'Invalid token'");
  }
  return after;
}
