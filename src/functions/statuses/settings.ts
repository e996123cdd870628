import { z } from 'zod';
import { parseStateMachineArn } from '../../step-functions/arns.ts';

const recordStatus = z.object({
  STATUS_TABLE: z.string().min(1),
  /** The Standard state machine whose executions are in the table. */
  STEP_FUNCTIONS_WORKFLOW_ARN: z
    .string()
    .transform((text, context) => {
      const parsed = parseStateMachineArn(text);
      if (parsed) return parsed;
      context.issues.push({ code: 'custom', input: text });
      return z.NEVER;
    })
    .optional(),
});

/** The settings of each function. The AWS SDK itself reads Region, credentials and endpoints. */
export const functionSettings = { recordStatus, reconcileStatuses: recordStatus.required() };

/**
 * Reads the settings of a function from its environment.
 *
 * @throws {Error} names the missing or wrong variables; Lambda logs it
 */
export function readFunctionSettings<Settings>(schema: z.ZodType<Settings>): Settings {
  const { success, data, error } = schema.safeParse(process.env);
  if (success) return data;
  const names = new Set(error.issues.map((issue) => issue.path.join('.')));
  throw new Error(`Missing or wrong environment variables: ${[...names].join(', ')}`);
}
