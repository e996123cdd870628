import { z } from 'zod';
import { ServiceError, validationError } from './service-error.ts';

/** Members that several operations have in common, with the limits of the AWS service model. */
export const arn = z.string().min(1).max(256);
export const name = z.string().min(1).max(80);
/** JSON text, at most 262,144 bytes of UTF-8. */
export const data = z
  .string()
  .refine(
    (text) => Buffer.byteLength(text) <= 262_144,
    'Member must have length less than or equal to 262144',
  );
export const definition = z.string().min(1).max(1_048_576);
export const stateMachineType = z.enum(['STANDARD', 'EXPRESS']);
/** 0 means the default page size. */
export const maxResults = z.int().min(0).max(1000).default(0);
export const nextToken = z.string().min(1).max(1024).optional();
/** ListExecutions allows longer tokens than the other operations. */
export const executionsNextToken = z.string().min(1).max(3096).optional();
export const description = z.string().max(256).optional();
const aliasPattern = /^(?=.*[a-zA-Z_\-.])[a-zA-Z0-9_\-.]+$/;
export const aliasName = z
  .string()
  .min(1)
  .max(80)
  .refine(
    (text) => aliasPattern.test(text),
    'Member must satisfy regular expression pattern: ^(?=.*[a-zA-Z_\\-\\.])[a-zA-Z0-9_\\-\\.]+$',
  );
/** A map from key to value. */
export const tags = z
  .array(z.object({ key: z.string().min(1).max(128), value: z.string().max(256).default('') }))
  .transform((list) => new Map(list.map(({ key, value }) => [key, value])));
export const loggingConfiguration = z.object({
  level: z.enum(['ALL', 'ERROR', 'FATAL', 'OFF']).optional(),
  includeExecutionData: z.boolean().optional(),
  destinations: z
    .array(
      z.object({ cloudWatchLogsLogGroup: z.object({ logGroupArn: arn.optional() }).optional() }),
    )
    .optional(),
});
export const tracingConfiguration = z.object({ enabled: z.boolean().optional() });
export const encryptionConfiguration = z.object({
  type: z.enum(['AWS_OWNED_KEY', 'CUSTOMER_MANAGED_KMS_KEY']),
  kmsKeyId: z.string().min(1).max(2048).optional(),
  kmsDataKeyReusePeriodSeconds: z.int().min(60).max(900).optional(),
});
export const includedData = z.enum(['ALL_DATA', 'METADATA_ONLY']).default('ALL_DATA');

/**
 * Validates the members of a request. As on AWS, messages quote invalid values, but not those of
 * sensitive members.
 *
 * @throws {ServiceError} ValidationException with AWS's message for every invalid member;
 *   SerializationException if a member has the wrong type
 */
export function readMembers<Members>(schema: z.ZodType<Members>, body: unknown): Members {
  const members = withoutNulls(body);
  const { success, data, error } = schema.safeParse(members);
  if (success) return data;
  const failures = error.issues.map((issue) => {
    const member = issue.path.map((part) => (typeof part === 'number' ? part + 1 : part)).join('.');
    const value = valueAt(members, issue.path);
    if (value === undefined) {
      return `Value null at '${member}' failed to satisfy constraint: Member must not be null`;
    }
    if (issue.code === 'invalid_type') {
      throw new ServiceError(
        'SerializationException',
        `The value of '${member}' is of the wrong type.`,
        'protocol',
      );
    }
    const quoted = sensitive.has(String(issue.path[0])) ? '' : ` '${textOf(value)}'`;
    return `Value${quoted} at '${member}' failed to satisfy constraint: ${constraint(issue)}`;
  });
  const count =
    failures.length === 1 ? '1 validation error' : `${failures.length} validation errors`;
  throw validationError(`${count} detected: ${failures.join('; ')}`);
}

/** The members that the AWS service model marks as sensitive. */
const sensitive = new Set([
  ...['definition', 'input', 'output', 'error', 'cause', 'context', 'mock', 'variables'],
]);

function valueAt(members: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, part) => Object(value)[part], members);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Returns the members that are not null. AWS treats null as absent. */
function withoutNulls(body: unknown): Record<string, unknown> {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) {
    throw new ServiceError('SerializationException', 'The body is not a JSON object.', 'protocol');
  }
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}

function constraint(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'too_small':
    case 'too_big': {
      const measure = ['string', 'array'].includes(issue.origin) ? 'length' : 'value';
      return issue.code === 'too_small'
        ? `Member must have ${measure} greater than or equal to ${issue.minimum}`
        : `Member must have ${measure} less than or equal to ${issue.maximum}`;
    }
    case 'invalid_value':
      return `Member must satisfy enum value set: [${issue.values.join(', ')}]`;
    default:
      return issue.message;
  }
}
