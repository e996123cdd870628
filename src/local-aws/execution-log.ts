import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { Logger } from 'pino';
import type { GatewayCall } from './api-gateway/api-gateway.ts';
import type { ExecutionEnd, StartedExecution } from './step-functions/execution-store.ts';
import type { Executions } from './step-functions/executions.ts';

/** One visit of a state, from its StateEntered event to its exit. */
interface Visit {
  readonly name: string;
  readonly type: string;
  readonly entered: number;
  readonly input: string | undefined;
  /** How often a Task was scheduled; 0 for other states. */
  attempts: number;
  error: string | undefined;
}

/** Visits that have not ended, each by the id of its last event. */
type OpenVisits = Map<number, Visit>;

/**
 * Logs a line when an execution leaves a state, and one when an execution does not succeed. At level
 * `debug`, lines include input, output and cause, which may appear in a local log only.
 *
 * @returns a function that stops the log
 */
export function logExecutions(executions: Pick<Executions, 'subscribe'>, logger: Logger) {
  const running = new Map<string, OpenVisits>();

  /** Fields that are logged at level `debug` only. */
  function localData(data: Readonly<Record<string, string | undefined>>) {
    return logger.isLevelEnabled('debug') ? { localData: data } : {};
  }

  function log(
    { name }: StartedExecution,
    visit: Visit,
    outcome: string,
    { at, output }: { at?: Date | undefined; output?: string | undefined } = {},
  ): void {
    const { error, attempts, input } = visit;
    const line = {
      execution: name,
      state: visit.name,
      ...(at && { milliseconds: at.getTime() - visit.entered }),
      ...(attempts > 1 && { attempts }),
      ...(error && { errorName: error }),
      ...localData({ input, output }),
    };
    logger[outcome === 'failed' ? 'warn' : 'info'](line, `${visit.type} ${visit.name} ${outcome}`);
  }

  function follow(execution: StartedExecution, visits: OpenVisits, event: HistoryEvent): void {
    const { id = 0, previousEventId = 0, type = '', timestamp } = event;
    const entered = event.stateEnteredEventDetails;
    if (entered) {
      visits.set(id, {
        name: entered.name ?? '',
        type: type.replace(/StateEntered$/, ''),
        entered: timestamp?.getTime() ?? 0,
        input: entered.input,
        attempts: 0,
        error: undefined,
      });
      return;
    }
    const exited = event.stateExitedEventDetails;
    if (exited) {
      const last = lastOf(visits, previousEventId, exited.name);
      const visit = last === undefined ? undefined : visits.get(last);
      if (last === undefined || !visit) return;
      visits.delete(last);
      const outcome = visit.error === undefined ? 'succeeded' : 'failed and caught';
      log(execution, visit, outcome, { at: timestamp, output: exited.output });
      return;
    }
    const visit = visits.get(previousEventId);
    if (!visit) return;
    if (/^(Execution|MapIteration|ParallelState|MapState)Failed$/.test(type)) {
      visits.delete(previousEventId);
      visit.error ??= event.executionFailedEventDetails?.error;
      log(execution, visit, 'failed', { at: timestamp });
      return;
    }
    // The visit's next event does not refer back to these.
    if (/Aborted$|^(Map|Parallel)StateStarted$|^MapIterationStarted$/.test(type)) return;
    visits.delete(previousEventId);
    visits.set(id, visit);
    if (type === 'TaskScheduled') {
      visit.attempts += 1;
      visit.error = undefined;
    }
    visit.error =
      event.taskFailedEventDetails?.error ??
      event.taskTimedOutEventDetails?.error ??
      event.evaluationFailedEventDetails?.error ??
      visit.error;
  }

  function logEnd(execution: StartedExecution, end: ExecutionEnd): void {
    if (end.status === 'SUCCEEDED') return;
    const { error, cause } = end;
    const line = {
      execution: execution.name,
      ...(error && { errorName: error }),
      ...localData({ cause }),
    };
    logger.warn(line, `${execution.stateMachine.name} ${end.status}`);
  }

  return executions.subscribe({
    started({ arn }) {
      running.set(arn, new Map());
    },
    event(execution, event) {
      const visits = running.get(execution.arn);
      if (visits) follow(execution, visits, event);
    },
    ended(execution, end) {
      const outcome = end.status === 'FAILED' ? 'ended by the failure' : 'cancelled';
      for (const visit of running.get(execution.arn)?.values() ?? []) {
        log(execution, visit, outcome);
      }
      running.delete(execution.arn);
      logEnd(execution, end);
    },
  });
}

/** The exit event of a Parallel or Map refers back to the last event of a branch, so it is found by name. */
function lastOf(visits: OpenVisits, eventId: number, name: string | undefined): number | undefined {
  if (visits.get(eventId)?.name === name) return eventId;
  return [...visits].findLast(([, visit]) => visit.name === name)?.[0];
}

export function logGatewayCall(logger: Logger, call: GatewayCall): void {
  const { method, path, status, milliseconds } = call;
  const level = status < 400 ? 'info' : 'warn';
  logger[level]({ status, milliseconds }, `API Gateway ${method} ${path}`);
}
