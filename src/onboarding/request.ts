import { z } from 'zod';
import { maximumFindings, missingMember } from '../http/validation.ts';
import { canonicalWriter } from './canonical-input.ts';
import { emailAddress } from './email-address.ts';
import { exampleOf } from './example.ts';
import { maximumNameLength, memberNameNormaliser } from './member-names.ts';
import { isObject, type JsonObject } from './members.ts';

type Issue = { readonly code: string; readonly input: unknown };

/** Returns the message for a member that is missing or has another type, else `otherwise`. */
const expected =
  (type: string, otherwise?: string) =>
  ({ code, input }: Issue) => {
    if (input === undefined) return missingMember;
    return code === 'invalid_type' ? `Must be ${type}` : otherwise;
  };

const notWellFormed = 'Must be well-formed Unicode';

/** UTF-8 cannot encode a lone surrogate, so the text could not be passed on as sent. */
function isWellFormed(value: string): boolean {
  return value.isWellFormed();
}

/** Counts code points, as JSON Schema does: an emoji is one character, not two. */
function hasAtMost(maximum: number, value: string): boolean {
  return value.length <= maximum || [...value].length <= maximum;
}

const text = (maximum: number) =>
  z
    .string({ error: expected('a string') })
    .regex(/\S/, 'Must not be blank')
    .refine(isWellFormed, notWellFormed)
    .refine((value) => hasAtMost(maximum, value), `Must be at most ${maximum} characters`)
    .meta({
      minLength: 1,
      maxLength: maximum,
      description: `1 to ${maximum} characters, not blank`,
    });

const optionalText = z
  .string({ error: expected('a string') })
  .regex(/\S/, 'Must not be blank')
  .refine(isWellFormed, notWellFormed)
  .nullish()
  .meta({ description: 'Not blank' });

const knownMetadata = {
  referralCode: optionalText.meta({
    description: 'Letters followed by digits; otherwise the workflow fails',
    examples: ['FRIEND2025'],
  }),
  country: optionalText.meta({ examples: ['US'] }),
};

/** A member that callers may add to `metadata`; {@link checkAdditionalMembers} validates it. */
const additionalMember = z
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
  .catchall(additionalMember)
  .superRefine(checkAdditionalMembers, { when: ({ value }) => isObject(value) })
  .meta({
    description: 'An object, which may have additional members',
    propertyNames: { minLength: 1, maxLength: maximumNameLength },
  });

/** One check for all members limits the issues: tens of thousands of them take zod too long. */
function checkAdditionalMembers(metadata: JsonObject, { addIssue }: z.RefinementCtx): void {
  const invalid = Object.keys(metadata).filter(
    (name) => !Object.hasOwn(knownMetadata, name) && !isAdditionalMember(metadata[name]),
  );
  for (const name of invalid.slice(0, maximumFindings)) {
    addIssue({ code: 'custom', path: [name], message: additionalMemberError });
  }
}

const additionalMemberError =
  'Must be a string of well-formed Unicode, a boolean, or a number within ±(2^53 - 1) that a double represents exactly; send other numbers as strings';

function isAdditionalMember(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed();
    case 'number':
      // Other numbers would reach the workflow changed. Within these bounds, `parseJson` reads a
      // number that a double cannot represent exactly as Infinity.
      return Math.abs(value) <= Number.MAX_SAFE_INTEGER;
    default:
      return typeof value === 'boolean';
  }
}

/** The id of a user, by which executions can be listed. */
export const trackingIdSchema = text(128);

/**
 * The members of a user. This is the only list of them: the names that are recognised in any case,
 * the order of the workflow's input, the documented example and the form of the local console are
 * derived from it. Each member that is not an object needs an example.
 */
const userSchema = z.object(
  {
    userId: trackingIdSchema.meta({ examples: ['user-88888'] }),
    email: z
      .string({ error: expected('a string') })
      .regex(emailAddress, 'Must be an e-mail address')
      .meta({
        description: 'An e-mail address, which may be internationalised',
        examples: ['api-gateway@example.com'],
      }),
    name: text(256).meta({ examples: ['API Gateway User'] }),
    signupDate: z.iso
      .datetime({
        offset: true,
        error: expected('a string', 'Must be an ISO 8601 date-time with an offset or Z'),
      })
      // Validation uses the pattern; the format `date-time` would allow more.
      .meta({
        format: undefined,
        description: 'ISO 8601 date-time with an offset or Z; passed on as sent',
        examples: ['2025-11-10T10:30:00Z'],
      }),
    source: text(64).meta({ examples: ['web'] }),
    // .NET's serialiser writes null for absent values by default.
    metadata: metadataSchema.nullish(),
  },
  { error: expected('an object') },
);

const requestSchema = z.object(
  { user: userSchema.meta({ description: 'An object' }) },
  { error: 'Must be a JSON object' },
);

/** The documented example, a valid request that can be sent as it is. */
export const exampleRequest = exampleOf(requestSchema);

/** The name of the schema in the OpenAPI document, and in errors. */
export const onboardingRequestId = 'OnboardingRequest';

/** The body of both POST routes, after its names are normalised. */
export const onboardingRequestSchema = requestSchema.meta({
  id: onboardingRequestId,
  description: `Names are accepted in any common case (\`UserId\`, \`user_id\`). Unknown members outside \`metadata\` are ignored. Additional members of \`metadata\` keep their names, which have 1 to ${maximumNameLength} characters.`,
  examples: [exampleRequest],
});

export type OnboardingRequest = z.infer<typeof onboardingRequestSchema>;

/** Returns the body with the names of the schema; see {@link memberNameNormaliser}. */
export const normaliseMemberNames = memberNameNormaliser(onboardingRequestSchema);

/** Returns the input of the workflow; see {@link canonicalWriter}. */
export const canonicalInput = canonicalWriter(onboardingRequestSchema);
