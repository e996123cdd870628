import { StatusTableError } from '../../status-table/errors.ts';
import { errorForLog, StepFunctionsError } from '../../step-functions/errors.ts';

/** Writes one line of JSON for CloudWatch Logs. Lines must not identify users or executions. */
export function log(line: Readonly<Record<string, unknown>>): void {
  // `console` would prefix a time and a request id, and CloudWatch would find no metrics.
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Returns the loggable fields of an error, because SDK errors can quote the data of a call. */
export function loggable(error: unknown): Readonly<Record<string, unknown>> {
  if (error instanceof StepFunctionsError || error instanceof StatusTableError) {
    return errorForLog(error);
  }
  return { name: error instanceof Error ? error.name : typeof error };
}
