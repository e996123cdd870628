import { z } from 'zod';
import { parseStateMachineArn } from '../../step-functions/arns.ts';

const recordStatus = z.object({
  STATUS_TABLE: z.string().min(1),
  /** The Standard state machine whose executions the table holds. */
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

/** The settings of each function. The AWS SDK reads its Region, credentials and endpoints itself. */
export const functionSettings = { recordStatus, reconcileStatuses: recordStatus.required() };

/**
 * Reads the environment of the function that runs. Each function is a separate program.
 *
 * @throws an error that names what is missing or wrong, which Lambda logs
 */
export function readFunctionSettings<Settings>(schema: z.ZodType<Settings>): Settings {
  const { success, data, error } = schema.safeParse(process.env);
  if (success) return data;
  const names = new Set(error.issues.map((issue) => issue.path.join('.')));
  throw new Error(`Missing or wrong in the function's environment: ${[...names].join(', ')}`);
}
