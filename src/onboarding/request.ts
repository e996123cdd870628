import { z } from 'zod';

/** The most that an execution's input may hold, in bytes of UTF-8: Step Functions' own quota. */
const maximumInputBytes = 262_144;

type Issue = { readonly code: string; readonly input: unknown };

/** The message for a member that is missing or of another type, else `otherwise`. */
const expected =
  (type: string, otherwise?: string) =>
  ({ code, input }: Issue) => {
    if (input === undefined) return 'Required';
    return code === 'invalid_type' ? `Must be ${type}` : otherwise;
  };

const notWellFormed = 'Must be well-formed Unicode';

/** A lone surrogate has no UTF-8, so it could not be passed on as it was sent. */
function isWellFormed(value: string): boolean {
  return value.isWellFormed();
}

/** Characters are code points, as in JSON Schema: an emoji is one, not two. */
function hasAtMost(maximum: number, value: string): boolean {
  return value.length <= maximum || [...value].length <= maximum;
}

const text = (maximum: number) =>
  z
    .string({ error: expected('a string') })
    .regex(/\S/, 'Must not be blank')
    .refine(isWellFormed, notWellFormed)
    .refine((value) => hasAtMost(maximum, value), `Must be at most ${maximum} characters`)
    .meta({ minLength: 1, maxLength: maximum });

const optionalText = z
  .string({ error: expected('a string') })
  .regex(/\S/, 'Must not be blank')
  .refine(isWellFormed, notWellFormed)
  .nullish();

const furtherMemberError =
  'Must be a string of well-formed Unicode, a boolean, or a number within ±(2^53 - 1); send a larger number as a string';

// One check, since a union takes many times as long where thousands of members are wrong.
const furtherMember = z
  .custom<string | number | boolean>(isFurtherMember, { error: furtherMemberError })
  // Code generators also apply this to `referralCode` and `country`, which may be null.
  .meta({
    type: ['string', 'number', 'boolean', 'null'],
    not: { type: 'null' },
    minimum: Number.MIN_SAFE_INTEGER,
    maximum: Number.MAX_SAFE_INTEGER,
  });

function isFurtherMember(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed();
    case 'number':
      // Beyond these bounds another number would reach the workflow, and nobody would notice.
      return Math.abs(value) <= Number.MAX_SAFE_INTEGER;
    default:
      return typeof value === 'boolean';
  }
}

const metadataSchema = z
  .object(
    {
      referralCode: optionalText.meta({ description: 'Letters followed by digits' }),
      country: optionalText,
    },
    { error: 'Must be an object' },
  )
  .catchall(furtherMember);

const userSchema = z.object(
  {
    userId: text(128),
    email: z
      .email({
        // Internationalised addresses too (RFC 6531).
        pattern: z.regexes.unicodeEmail,
        error: expected('a string', 'Must be an e-mail address'),
      })
      .refine(isWellFormed, notWellFormed)
      // `email` allows fewer addresses, none that is internationalised.
      .meta({ format: undefined, description: 'An e-mail address, also an internationalised one' }),
    name: text(256),
    signupDate: z.iso
      .datetime({
        offset: true,
        error: expected('a string', 'Must be an ISO 8601 date-time with an offset or Z'),
      })
      // The pattern alone is what is checked; `date-time` allows more.
      .meta({
        format: undefined,
        description: 'ISO 8601 date-time with an offset or Z; passed on as sent',
      }),
    source: text(64),
    // .NET's serialiser writes null for what is not there, unless it is told not to.
    metadata: metadataSchema.nullish(),
  },
  { error: expected('an object') },
);

/** What documentation shows, and works at the first click. */
export const exampleRequest = {
  user: {
    userId: 'user-88888',
    email: 'api-gateway@example.com',
    name: 'API Gateway User',
    signupDate: '2025-11-10T10:30:00Z',
    source: 'web',
    metadata: { referralCode: 'FRIEND2025', country: 'US' },
  },
};

/** The body of both POST routes, once its names are in camelCase. */
export const onboardingRequestSchema = z
  .object({ user: userSchema }, { error: 'Must be a JSON object' })
  .meta({
    id: 'OnboardingRequest',
    description:
      'Names are accepted in any common case (`UserId`, `user_id`); unknown members outside `metadata` are ignored. Names in `metadata` have at most 128 characters.',
    examples: [exampleRequest],
  });

export type OnboardingRequest = z.infer<typeof onboardingRequestSchema>;

/** The canonical input is larger than Step Functions takes. */
export class InputTooLarge extends Error {
  override readonly name = 'InputTooLarge';
}

/**
 * The workflow's input, canonically: known members in the schema's order, further metadata members
 * sorted by UTF-16 code units. The same request gives the same bytes whatever its order or case,
 * and idempotent starts depend on that, since Step Functions compares inputs.
 *
 * @throws {InputTooLarge} over 262,144 bytes of UTF-8
 */
export function canonicalInput({ user }: OnboardingRequest): string {
  const { userId, email, name, signupDate, source, metadata } = user;
  const known = JSON.stringify({ userId, email, name, signupDate, source });
  const input =
    metadata == null
      ? `{"user":${known}}`
      : `{"user":${known.slice(0, -1)},"metadata":${canonicalMetadata(metadata)}}}`;
  if (Buffer.byteLength(input) > maximumInputBytes) throw new InputTooLarge();
  return input;
}

function canonicalMetadata(metadata: z.infer<typeof metadataSchema>): string {
  const { referralCode, country, ...further } = metadata;
  const members = [
    ['referralCode', referralCode],
    ['country', country],
    ...Object.entries(further).sort(([a], [b]) => (a < b ? -1 : 1)),
  ];
  // Member by member, since an object puts names like "2" before all others.
  return `{${members
    .filter(([, value]) => value != null)
    .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
    .join(',')}}`;
}
