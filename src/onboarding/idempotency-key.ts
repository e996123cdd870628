import { parseItem } from 'structured-headers';
import { z } from 'zod';

/** The `Idempotency-Key` header is present but malformed. */
export class InvalidIdempotencyKey extends Error {
  override readonly name = 'InvalidIdempotencyKey';
}

const maximumLength = 255;
// An HTTP token (RFC 9110, 5.6.2), which may start with a digit, unlike a token of RFC 9651: many
// callers send a UUID without quotes.
const bareToken = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** The request headers of a route that takes an idempotency key. */
export const idempotencyKeyHeader = z.looseObject({
  'idempotency-key': z
    .string()
    .optional()
    .meta({
      description:
        'A repeated request with the same key does not start the workflow again. 1 to 255 characters in double quotes, or a bare token',
      examples: ['"8e03978e-40d5-43e8-bc93-6894a57f9324"'],
    }),
});

/**
 * Returns the key in an `Idempotency-Key` header: a structured field string, as defined by
 * draft-ietf-httpapi-idempotency-key-header, or a bare token.
 *
 * @throws {InvalidIdempotencyKey}
 */
export function parseIdempotencyKey(field: string): string {
  const key = keyOf(field);
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
