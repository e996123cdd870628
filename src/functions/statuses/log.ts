import { StatusTableError } from '../../status-table/errors.ts';
import { errorForLog, StepFunctionsError } from '../../step-functions/errors.ts';

/** Writes one line of JSON, for CloudWatch Logs. Neither users nor executions are named. */
export function log(line: Readonly<Record<string, unknown>>): void {
  // `console` would put a time and an id before it, and no metric would be found in the line.
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** What may be logged of an error: SDK errors can repeat the data of a call. */
export function loggable(error: unknown): Readonly<Record<string, unknown>> {
  if (error instanceof StepFunctionsError || error instanceof StatusTableError) {
    return errorForLog(error);
  }
  return { name: error instanceof Error ? error.name : typeof error };
}
