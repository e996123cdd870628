import { parseItem } from 'structured-headers';

/** The `Idempotency-Key` header is present but malformed. */
export class InvalidIdempotencyKey extends Error {
  override readonly name = 'InvalidIdempotencyKey';
}

const maximumLength = 255;
// An HTTP token (RFC 9110, 5.6.2), which may start with a digit, unlike a token of RFC 9651: many
// callers send a UUID without quotes.
const bareToken = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * Returns the key in an `Idempotency-Key` header: a structured field string, as defined by
 * draft-ietf-httpapi-idempotency-key-header, or a bare token. `undefined` without the header.
 *
 * @throws {InvalidIdempotencyKey}
 */
export function parseIdempotencyKey(field: string | string[] | undefined): string | undefined {
  if (field === undefined) return undefined;
  // Node joins a repeated header into one value, which is not a valid item.
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
