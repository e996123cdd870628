import type { Settings } from '../settings.ts';
import { createStepFunctionsClients } from './clients.ts';
import {
  createExecutionStatuses,
  type ExecutionStatuses,
} from './execution-statuses/execution-statuses.ts';
import { createReadinessCheck } from './readiness.ts';
import { type NewExecution, type StartedExecution, startExecution } from './standard-executions.ts';
import { createStatusCalls, describeInput } from './status-calls.ts';
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
  readonly reasonNotReady: () => Promise<string | undefined>;
  /** Ends all calls and connections. */
  close(): void;
}

/** @param onSweepFailure see {@link createExecutionStatuses} */
export function createExecutions(
  settings: Settings,
  onSweepFailure: (error: unknown) => void,
): Executions {
  const clients = createStepFunctionsClients(settings);
  const statuses = createExecutionStatuses({
    calls: createStatusCalls(clients.status, settings.standard),
    budgets: settings.statusBudgets,
    onSweepFailure,
  });
  return {
    async start(execution) {
      const started = await startExecution(
        clients.start,
        (executionArn) => describeInput(clients.status, executionArn),
        settings.standard,
        execution,
      );
      if (!started.isReplay) statuses.noteStarted(started);
      return started;
    },
    sync: createSyncExecutions(clients.sync, settings),
    statuses,
    reasonNotReady: createReadinessCheck(clients.status, settings),
    close() {
      statuses.close();
      clients.destroy();
    },
  };
}
