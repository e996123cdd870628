import { rankOf } from '../status-table/rank.ts';
import { unqualifiedArn } from '../step-functions/arns.ts';
import { StepFunctionsError } from '../step-functions/errors.ts';
import { createFunctionClients, type FunctionClients } from './statuses/function-clients.ts';
import { log, loggable } from './statuses/log.ts';
import { describeForTable, type Observation, trackingIdOf } from './statuses/observation.ts';
import { readFunctionSettings } from './statuses/settings.ts';
import { isComplete, parseStatusChange, type StatusChange } from './statuses/status-change.ts';

/**
 * Writes a status change to the status table. Events may arrive more than once, late and in any
 * order. Lambda retries an event that fails, and finally sends it to the dead-letter queue.
 *
 * @param stateMachineArn events of other state machines are ignored, since the table is for one
 * @throws {InvalidStatusChange}
 * @throws {StatusTableError}
 * @throws {StepFunctionsError}
 */
export async function recordStatus(
  event: unknown,
  { executionReader, recorder }: Pick<FunctionClients, 'executionReader' | 'recorder'>,
  stateMachineArn: string,
): Promise<void> {
  const change = parseStatusChange(event);
  if (change.stateMachineArn !== stateMachineArn) {
    log({ level: 'warn', message: 'ignored a status change of another state machine' });
    return;
  }
  const observation = isComplete(change)
    ? toObservation(change)
    : await describeForTable(executionReader, change.executionArn);
  // DescribeExecution is eventually consistent: fail, so that a retry gets what the event reports.
  if (rankOf(observation.execution) < rankOf(change)) throw new StepFunctionsError('unavailable');
  await recorder.record(observation);
}

function toObservation(change: StatusChange): Observation {
  const { executionArn, status, startDate, stopDate, output, error, cause, redriveCount } = change;
  return {
    execution: { executionArn, status, startDate, stopDate, output, error, cause, redriveCount },
    trackingId: trackingIdOf(change.input),
  };
}

// Reused by later invocations.
let clients: FunctionClients | undefined;

/** The Lambda function that EventBridge invokes for every status change. */
export async function handler(event: unknown): Promise<void> {
  try {
    const settings = readFunctionSettings();
    clients ??= createFunctionClients(settings.STATUS_TABLE);
    await recordStatus(event, clients, unqualifiedArn(settings.STEP_FUNCTIONS_WORKFLOW_ARN));
  } catch (error) {
    log({ level: 'error', message: 'failed to record a status change', err: loggable(error) });
    throw error;
  }
}
