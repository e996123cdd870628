import { parseItem } from 'structured-headers';

/** The `Idempotency-Key` field is there, and is not a key. */
export class InvalidIdempotencyKey extends Error {
  override readonly name = 'InvalidIdempotencyKey';
}

const maximumLength = 255;
// A token of HTTP (RFC 9110, 5.6.2), which unlike one of RFC 9651 may start with a digit: many
// callers send a UUID without the quotes.
const bareToken = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * The key out of an `Idempotency-Key` field: a structured field's string, as
 * draft-ietf-httpapi-idempotency-key-header has it, or a bare token. `undefined` without the field.
 *
 * @throws {InvalidIdempotencyKey}
 */
export function parseIdempotencyKey(field: string | string[] | undefined): string | undefined {
  if (field === undefined) return undefined;
  // A field sent twice is one list to Node, and no item.
  const key = typeof field === 'string' ? keyOf(field.trim()) : undefined;
  if (key === undefined || key.length === 0 || key.length > maximumLength) {
    throw new InvalidIdempotencyKey();
  }
  return key;
}

function keyOf(field: string): string | undefined {
  if (bareToken.test(field)) return field;
  try {
    const [value] = parseItem(field);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
