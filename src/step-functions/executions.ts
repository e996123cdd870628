import {
  createExecutionStatuses,
  type ExecutionStatuses,
} from '../execution-statuses/execution-statuses.ts';
import type { Settings } from '../settings.ts';
import { createStepFunctionsClients } from './clients.ts';
import { errorForLog, StepFunctionsError } from './errors.ts';
import { createExecutionInputs } from './execution-inputs.ts';
import type { CallObserver } from './observe-calls.ts';
import { createReadinessCheck, type NotReady } from './readiness.ts';
import { type NewExecution, type StartedExecution, startExecution } from './standard-executions.ts';
import { createStatusCalls } from './status-calls.ts';
import { createSyncExecutions, type SyncExecutions } from './sync-executions.ts';

/** All that the service does with Step Functions. */
export interface Executions {
  /**
   * @throws {NameTaken}
   * @throws {StepFunctionsError}
   */
  start(execution: NewExecution): Promise<StartedExecution>;
  readonly sync: SyncExecutions;
  readonly statuses: ExecutionStatuses;
  /** Why the state machines cannot be used, or `undefined`. */
  readonly whyNotReady: () => Promise<NotReady | undefined>;
  /** Lets go those who only wait for an execution's end. */
  release(): void;
  /** Ends all calls and connections. */
  close(): void;
}

/**
 * @param options.onCall hears of every call to Step Functions
 * @param options.onStatusFailure hears, fit for the log, why statuses are older than they could be
 */
export function createExecutions(
  settings: Settings,
  options: { onCall: CallObserver; onStatusFailure(operation: string, failure: unknown): void },
): Executions {
  const clients = createStepFunctionsClients(settings, options.onCall);
  const statuses = createExecutionStatuses({
    calls: createStatusCalls(clients.status, settings.standard),
    budgets: settings.statusBudgets,
    onFailure(operation, error) {
      const failure = error instanceof StepFunctionsError ? errorForLog(error) : error;
      options.onStatusFailure(operation, failure);
    },
  });
  const describeInput = createExecutionInputs({
    client: clients.status,
    withinBudget: (call) => statuses.withinDescribeBudget(call),
  });
  return {
    async start(execution) {
      const { standard } = settings;
      const started = await startExecution(clients.start, describeInput, standard, execution);
      const { executionArn, startDate } = started;
      if (startDate) statuses.noteStarted({ executionArn, startDate });
      return started;
    },
    sync: createSyncExecutions(clients.sync, settings),
    statuses,
    whyNotReady: createReadinessCheck(clients.status, settings),
    release: () => statuses.release(),
    close() {
      statuses.close();
      clients.destroy();
    },
  };
}
