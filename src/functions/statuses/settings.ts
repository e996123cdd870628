import { z } from 'zod';
import { parseStateMachineArn } from '../../step-functions/arns.ts';

const settingsSchema = z.object({
  STATUS_TABLE: z.string().min(1),
  /** The Standard state machine whose executions are in the table. */
  STEP_FUNCTIONS_WORKFLOW_ARN: z.string().transform((text, context) => {
    const parsed = parseStateMachineArn(text);
    if (parsed) return parsed;
    context.issues.push({ code: 'custom', input: text });
    return z.NEVER;
  }),
});

export type FunctionSettings = z.infer<typeof settingsSchema>;

/**
 * Reads the settings of the functions that maintain the status table from the environment. The AWS
 * SDK itself reads Region, credentials and endpoints.
 *
 * @throws {Error} names the missing or wrong variables; Lambda logs it
 */
export function readFunctionSettings(): FunctionSettings {
  const { success, data, error } = settingsSchema.safeParse(process.env);
  if (success) return data;
  const names = new Set(error.issues.map((issue) => issue.path.join('.')));
  throw new Error(`Missing or wrong environment variables: ${[...names].join(', ')}`);
}
