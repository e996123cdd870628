import { z } from 'zod';
import { executionStatuses } from '../../step-functions/execution.ts';

const date = z
  .number()
  .int()
  .nonnegative()
  .transform((milliseconds) => new Date(milliseconds));
const details = z.object({ included: z.boolean() });
const optional = <Schema extends z.ZodType>(schema: Schema) =>
  schema.nullish().transform((value) => value ?? undefined);

/**
 * The event that EventBridge delivers for every status change of a Standard execution. Dates are
 * epoch milliseconds. If `input` and `output` are too large together, they are omitted, and
 * `inputDetails` and `outputDetails` say so.
 * https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
 */
export const statusChangeEvent = z.object({
  source: z.literal('aws.states'),
  'detail-type': z.literal('Step Functions Execution Status Change'),
  detail: z.object({
    executionArn: z.string().min(1),
    stateMachineArn: z.string().min(1),
    status: z.enum(executionStatuses),
    startDate: date,
    stopDate: optional(date),
    input: optional(z.string()),
    inputDetails: optional(details),
    output: optional(z.string()),
    outputDetails: optional(details),
    error: optional(z.string()),
    cause: optional(z.string()),
    redriveCount: optional(z.number().int().nonnegative()),
  }),
});

export type StatusChange = z.infer<typeof statusChangeEvent>['detail'];

/** The event is not a status change of an execution. */
export class InvalidStatusChange extends Error {
  override readonly name = 'InvalidStatusChange';
}

/**
 * Parses an event.
 *
 * @throws {InvalidStatusChange} the message names the invalid members but not their values, which
 *   may be personal data
 */
export function parseStatusChange(event: unknown): StatusChange {
  const { success, data, error } = statusChangeEvent.safeParse(event);
  if (success) return data.detail;
  const members = error.issues.map((issue) => issue.path.join('.') || 'event').join(', ');
  throw new InvalidStatusChange(`Not a status change of an execution. Invalid members: ${members}`);
}

/** Whether the event contains everything that the status table stores. */
export function isComplete({ status, output, inputDetails, outputDetails }: StatusChange): boolean {
  if (status === 'SUCCEEDED' && output === undefined) return false;
  return inputDetails?.included !== false && outputDetails?.included !== false;
}
