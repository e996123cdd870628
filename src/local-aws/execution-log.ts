import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { Logger } from 'pino';
import type { Step, StepHistory, StepStatus } from '../step-functions/step.ts';
import { createStepHistory } from '../step-functions/steps.ts';
import type { GatewayCall } from './api-gateway/api-gateway.ts';
import type { ExecutionEnd, StartedExecution } from './step-functions/execution-store.ts';
import type { Executions } from './step-functions/executions.ts';

/** How the step of an execution ended, in the words of the log. */
const outcomes: Readonly<Partial<Record<StepStatus, string>>> = {
  SUCCEEDED: 'succeeded',
  CAUGHT: 'failed and caught',
  FAILED: 'failed',
  ABORTED: 'aborted',
};

interface Running {
  readonly history: StepHistory;
  /** The steps that have not ended, with their inputs. */
  readonly open: Map<Step, string | undefined>;
}

/**
 * Logs a line when an execution leaves a state, and one when an execution does not succeed. At level
 * `debug`, lines include input, output and cause, which may appear in a local log only.
 *
 * @returns a function that stops the log
 */
export function logExecutions(executions: Pick<Executions, 'subscribe'>, logger: Logger) {
  const running = new Map<string, Running>();

  /** Fields that are logged at level `debug` only. */
  function localData(data: Readonly<Record<string, string | undefined>>) {
    return logger.isLevelEnabled('debug') ? { localData: data } : {};
  }

  function follow(
    { name: execution }: StartedExecution,
    { history, open }: Running,
    event: HistoryEvent,
  ): void {
    history.add(event);
    const { id = 0, stateEnteredEventDetails: entered, stateExitedEventDetails: exited } = event;
    const changed = history.stepOf(id);
    if (entered && changed) open.set(changed, entered.input);
    for (const [step, input] of open) {
      const outcome = outcomes[step.status];
      if (outcome === undefined) continue;
      open.delete(step);
      const { name: state, type, attempts, error, enteredDate, exitedDate } = step;
      const line = {
        execution,
        state,
        ...(exitedDate && { milliseconds: exitedDate.getTime() - enteredDate.getTime() }),
        ...(attempts > 1 && { attempts }),
        ...(error && { errorName: error }),
        ...localData({ input, output: exited?.output }),
      };
      logger[step.status === 'FAILED' ? 'warn' : 'info'](line, `${type} ${state} ${outcome}`);
    }
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
      running.set(arn, { history: createStepHistory(), open: new Map() });
    },
    event(execution, event) {
      const followed = running.get(execution.arn);
      if (followed) follow(execution, followed, event);
    },
    ended(execution, end) {
      running.delete(execution.arn);
      logEnd(execution, end);
    },
  });
}

export function logGatewayCall(logger: Logger, call: GatewayCall): void {
  const { method, path, status, milliseconds } = call;
  const level = status < 400 ? 'info' : 'warn';
  logger[level]({ status, milliseconds }, `API Gateway ${method} ${path}`);
}
