import { type Clock, systemClock } from '../clock.ts';
import { createExecutionStatuses } from '../execution-statuses/execution-statuses.ts';
import type { ExecutionStatuses } from '../execution-statuses/status.ts';
import type { Settings } from '../settings.ts';
import { createClaims } from '../status-table/claims.ts';
import { StatusTableError } from '../status-table/errors.ts';
import { createStatusTable } from '../status-table/status-table.ts';
import { listUserExecutions, type UserExecutions } from '../status-table/user-executions.ts';
import { cancelExecution } from './cancel-execution.ts';
import { describeExecution } from './describe-execution.ts';
import { errorForLog, StepFunctionsError } from './errors.ts';
import type { Execution } from './execution.ts';
import { readHistoryPage } from './execution-history.ts';
import { createExecutionInputs } from './execution-inputs.ts';
import { createExecutionSteps, type ExecutionStepsReader } from './execution-steps.ts';
import { createReadinessCheck, type NotReady } from './readiness.ts';
import type { ServiceClients } from './service-clients.ts';
import { type NewExecution, type StartedExecution, startExecution } from './start-execution.ts';
import { createSyncExecutions, type SyncExecutions } from './sync-executions.ts';
import {
  createIdempotentSyncExecutions,
  type IdempotentSyncExecutions,
} from './sync-idempotency.ts';

export type ListUserExecutions = (
  trackingId: string,
  page: { readonly limit: number; readonly cursor?: string | undefined },
  signal: AbortSignal,
) => Promise<UserExecutions>;

/** What the routes do with the executions of the workflow. They use AWS in no other way. */
export interface WorkflowExecutions {
  /**
   * @throws {KeyReused}
   * @throws {StepFunctionsError}
   */
  start(execution: NewExecution): Promise<StartedExecution>;
  readonly sync: SyncExecutions;
  /** Sync executions with an idempotency key; `undefined` without a status table. */
  readonly idempotentSync: IdempotentSyncExecutions | undefined;
  readonly statuses: ExecutionStatuses;
  readonly steps: ExecutionStepsReader;
  /**
   * Stops an execution; see {@link cancelExecution}.
   *
   * @throws {StepFunctionsError}
   * @throws {StillRunning} the execution was stopped, and Step Functions does not show it yet
   * @throws {BudgetExhausted} the execution was stopped, but there was no token to describe it
   */
  cancel(executionArn: string, reason: string | undefined, caller: string): Promise<Execution>;
  /**
   * The executions of one user, newest first; `undefined` without a status table.
   *
   * @throws {InvalidCursor}
   * @throws {StatusTableError}
   */
  readonly listForUser: ListUserExecutions | undefined;
  /** Returns why the state machines cannot be used, or `undefined`. */
  readonly checkReadiness: () => Promise<NotReady | undefined>;
  /** For shutdown: ends all waits for a status, and makes later ones return at once. */
  release(): void;
  /** Waits for idempotent sync executions, then ends all calls and closes all connections. */
  close(): Promise<void>;
}

/**
 * @param clients closed by `close`
 * @param options.onFailure called with a message for the log and the failure, which is safe to log:
 *   the first of several failures of statuses in a row, and each failure to write a key
 */
export function createWorkflowExecutions(
  settings: Settings,
  { stepFunctions: clients, table }: ServiceClients,
  options: {
    onFailure(message: string, failure: unknown): void;
    clock?: Clock;
  },
): WorkflowExecutions {
  const { standard, describeRate, describeBurst } = settings;
  const { clock = systemClock } = options;
  function reportFailure(message: string, error: unknown): void {
    const isOurs = error instanceof StepFunctionsError || error instanceof StatusTableError;
    options.onFailure(message, isOurs ? errorForLog(error) : error);
  }

  /** Leaves out the input, so that no cache keeps it. */
  async function describe(executionArn: string, signal?: AbortSignal): Promise<Execution> {
    return (await describeExecution(clients.status, executionArn, signal)).execution;
  }

  const statuses = createExecutionStatuses({
    describe,
    table: table && createStatusTable(table.client, table.name, clock.epoch),
    describeRate,
    describeBurst,
    onFailure: (operation, error) =>
      reportFailure(`${operation} failed; serving older statuses`, error),
    clock,
  });
  const sync = createSyncExecutions(clients.sync, settings, clock);
  const idempotentSync =
    table &&
    createIdempotentSyncExecutions({
      claims: createClaims(table.client, table.name, clock.epoch),
      sync,
      clock,
      onFailure: (error) =>
        reportFailure('The write for an Idempotency-Key failed; retrying it', error),
    });
  const steps = createExecutionSteps({
    readPage: (executionArn, nextToken) => readHistoryPage(clients.status, executionArn, nextToken),
    rate: settings.historyRate,
    burst: settings.historyBurst,
    clock,
  });
  const describeInput = createExecutionInputs({
    client: clients.status,
    withinBudget: (call, caller) => statuses.withinDescribeBudget(call, caller),
  });
  return {
    async start(execution) {
      const noteStarted = statuses.noteStart();
      const started = await startExecution(
        clients.start,
        describeInput,
        standard,
        execution,
        clock.epoch,
      );
      const { executionArn, startDate } = started;
      if (startDate) noteStarted({ executionArn, startDate });
      return started;
    },
    async cancel(executionArn, reason, caller) {
      const execution = await cancelExecution(
        clients.start,
        executionArn,
        reason,
        () => statuses.withinDescribeBudget(() => describe(executionArn), caller),
        clock,
      );
      statuses.noteDescribed(execution);
      return execution;
    },
    steps,
    sync,
    idempotentSync,
    listForUser:
      table &&
      ((trackingId, page, signal) =>
        listUserExecutions(table.client, table.name, trackingId, page, {
          now: clock.epoch(),
          signal,
        })),
    statuses,
    checkReadiness: createReadinessCheck(clients.status, settings),
    release: () => statuses.release(),
    async close() {
      await idempotentSync?.idle();
      statuses.close();
      steps.close();
      clients.destroy();
      table?.client.destroy();
    },
  };
}
