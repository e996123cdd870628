import { z } from 'zod';
import { maximumFindings } from '../http/validation.ts';
import { canonicalWriter } from './canonical-input.ts';
import { emailAddress } from './email-address.ts';
import { exampleOf } from './example.ts';
import { maximumNameLength, memberNameNormaliser } from './member-names.ts';
import { isObject, type JsonObject } from './members.ts';

/** The message for a required member that is not there. */
export const missingMember = 'Required';

type Issue = { readonly code: string; readonly input: unknown };

/** The message for a member that is missing or of another type, else `otherwise`. */
const expected =
  (type: string, otherwise?: string) =>
  ({ code, input }: Issue) => {
    if (input === undefined) return missingMember;
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

const knownMetadata = {
  referralCode: optionalText.meta({
    description: 'Letters followed by digits',
    examples: ['FRIEND2025'],
  }),
  country: optionalText.meta({ examples: ['US'] }),
};

/** What callers may add to `metadata`; {@link refuseWrongFurtherMembers} checks it. */
const furtherMember = z
  .custom<string | number | boolean>()
  // Code generators also apply this to `referralCode` and `country`, which may be null.
  .meta({
    type: ['string', 'number', 'boolean', 'null'],
    not: { type: 'null' },
    minimum: Number.MIN_SAFE_INTEGER,
    maximum: Number.MAX_SAFE_INTEGER,
  });

const metadataSchema = z
  .object(knownMetadata, { error: 'Must be an object' })
  .catchall(furtherMember)
  .superRefine(refuseWrongFurtherMembers, { when: ({ value }) => isObject(value) })
  .meta({ propertyNames: { minLength: 1, maxLength: maximumNameLength } });

/** All in one check: with an issue for each, tens of thousands of wrong members take too long. */
function refuseWrongFurtherMembers(metadata: JsonObject, { addIssue }: z.RefinementCtx): void {
  const wrong = Object.keys(metadata).filter(
    (name) => !Object.hasOwn(knownMetadata, name) && !isFurtherMember(metadata[name]),
  );
  for (const name of wrong.slice(0, maximumFindings)) {
    addIssue({ code: 'custom', path: [name], message: furtherMemberError });
  }
}

const furtherMemberError =
  'Must be a string of well-formed Unicode, a boolean, or a number within ±(2^53 - 1) that a double holds unchanged; send another number as a string';

function isFurtherMember(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed();
    case 'number':
      // Another number would reach the workflow, and nobody would notice. `parseJson` reads those
      // within the bounds that would change as Infinity.
      return Math.abs(value) <= Number.MAX_SAFE_INTEGER;
    default:
      return typeof value === 'boolean';
  }
}

/** A user's id, which executions can be found by. */
export const trackingIdSchema = text(128);

/**
 * The members of a user. This is the only list of them: the names that are recognised in any case,
 * the order of the workflow's input and the example of the documentation come from it.
 */
const userSchema = z.object(
  {
    userId: trackingIdSchema.meta({ examples: ['user-88888'] }),
    email: z
      .string({ error: expected('a string') })
      .regex(emailAddress, 'Must be an e-mail address')
      .meta({
        description: 'An e-mail address, also an internationalised one',
        examples: ['api-gateway@example.com'],
      }),
    name: text(256).meta({ examples: ['API Gateway User'] }),
    signupDate: z.iso
      .datetime({
        offset: true,
        error: expected('a string', 'Must be an ISO 8601 date-time with an offset or Z'),
      })
      // The pattern alone is what is checked; `date-time` allows more.
      .meta({
        format: undefined,
        description: 'ISO 8601 date-time with an offset or Z; passed on as sent',
        examples: ['2025-11-10T10:30:00Z'],
      }),
    source: text(64).meta({ examples: ['web'] }),
    // .NET's serialiser writes null for what is not there, unless it is told not to.
    metadata: metadataSchema.nullish(),
  },
  { error: expected('an object') },
);

const requestSchema = z.object({ user: userSchema }, { error: 'Must be a JSON object' });

/** What documentation shows, and works at the first click. */
export const exampleRequest = requestSchema.parse(exampleOf(requestSchema));

/** The name of the schema in the OpenAPI document, and in errors. */
export const onboardingRequestId = 'OnboardingRequest';

/** The body of both POST routes, once its names are in camelCase. */
export const onboardingRequestSchema = requestSchema.meta({
  id: onboardingRequestId,
  description: `Names are accepted in any common case (\`UserId\`, \`user_id\`); unknown members outside \`metadata\` are ignored. Further members of \`metadata\` keep their names, of 1 to ${maximumNameLength} characters.`,
  examples: [exampleRequest],
});

export type OnboardingRequest = z.infer<typeof onboardingRequestSchema>;

/** The body with the names of the schema; see {@link memberNameNormaliser}. */
export const normaliseMemberNames = memberNameNormaliser(onboardingRequestSchema);

/** The workflow's input; see {@link canonicalWriter}. */
export const canonicalInput = canonicalWriter(onboardingRequestSchema);
