import { randomUUID } from 'node:crypto';
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { Clock, TaskIntegrations } from '../states-language/execution.ts';
import { checkName, executionArn, expressExecutionArn } from './arns.ts';
import { createExecutionListeners, type ExecutionListener } from './execution-listeners.ts';
import {
  createExecutionStore,
  type ExecutionEnd,
  type ExecutionOrigin,
  type StartedExecution,
  type StoredExecution,
  type StoreLimits,
} from './execution-store.ts';
import type { Operations } from './operation.ts';
import { type RunningExecution, startRun } from './running-execution.ts';
import { ServiceError, typeNotSupported } from './service-error.ts';
import type { StateMachine } from './state-machines.ts';
import { createTaskTokens } from './task-tokens.ts';
import type { Resolved } from './versions.ts';

export interface ExecutionLimits extends StoreLimits {
  /** The most running executions, of both types. AWS allows 1,000,000 Standard ones. */
  readonly open: number;
}

export interface NewExecution extends Partial<Resolved> {
  readonly stateMachine: StateMachine;
  readonly origin: ExecutionOrigin;
  /** A random name by default. */
  readonly name?: string | undefined;
  /** JSON text; `{}` by default. */
  readonly input?: string | undefined;
}

export interface Executions {
  /**
   * Starts an execution of either type and returns at once. If a Standard execution with the same name
   * and input is already running, returns that one.
   *
   * @throws {ServiceError} InvalidName, InvalidExecutionInput, ExecutionAlreadyExists,
   *   ExecutionLimitExceeded
   */
  start(execution: NewExecution): StartedExecution;
  /**
   * Starts an Express execution and waits for its end.
   *
   * @throws {ServiceError} InvalidName, InvalidExecutionInput, StateMachineTypeNotSupported,
   *   ExecutionLimitExceeded
   */
  startSync(execution: NewExecution): Promise<{ started: StartedExecution; end: ExecutionEnd }>;
  /**
   * Stops an execution and returns its stop date. An execution that has already ended is not changed.
   *
   * @throws {ServiceError} ExecutionDoesNotExist
   */
  stop(arn: string, error: string | undefined, cause: string | undefined): Promise<Date>;
  /** @throws {ServiceError} ExecutionDoesNotExist */
  get(arn: string): StoredExecution;
  /** Returns the Standard executions. */
  newestFirst(): StoredExecution[];
  /**
   * Observes executions of both types from now on.
   *
   * @returns a function that ends the subscription
   */
  subscribe(listener: ExecutionListener): () => void;
  /** SendTaskSuccess, SendTaskFailure and SendTaskHeartbeat. */
  readonly taskOperations: Operations;
  /** Aborts all running executions. */
  close(): void;
}

/** Runs executions of both types. Like AWS, it keeps no record of Express executions. */
export function createExecutions(
  clock: Clock,
  integrations: TaskIntegrations,
  limits: ExecutionLimits,
): Executions {
  const store = createExecutionStore(limits);
  const running = new Map<string, RunningExecution>();
  const taskTokens = createTaskTokens();
  const listeners = createExecutionListeners();

  function newExecution({
    stateMachine,
    version,
    alias,
    origin,
    name = randomUUID(),
    input = '{}',
  }: NewExecution): StartedExecution {
    checkName(name);
    checkJson(input);
    const arn =
      stateMachine.type === 'EXPRESS'
        ? expressExecutionArn(stateMachine.name, name, randomUUID())
        : executionArn(stateMachine.name, name);
    return {
      arn,
      name,
      stateMachine,
      versionArn: version?.arn,
      aliasArn: alias?.arn,
      origin,
      input,
      startDate: new Date(clock.now()),
    };
  }

  /** @param recorder is called before the listeners */
  function run(
    execution: StartedExecution,
    recorder: { append?(event: HistoryEvent): void; close?(end: ExecutionEnd): void } = {},
  ): RunningExecution {
    listeners.started(execution);
    const started = startRun(execution, {
      clock,
      integrations,
      createCallbackTask: taskTokens.create,
      append(event) {
        recorder.append?.(event);
        listeners.event(execution, event);
      },
      log: (eventId, line) => listeners.log(execution, eventId, line),
      close(end) {
        running.delete(execution.arn);
        recorder.close?.(end);
        listeners.ended(execution, end);
      },
    });
    running.set(execution.arn, started);
    return started;
  }

  function runStandard(execution: StoredExecution): void {
    run(execution, {
      append: (event) => store.append(execution, event),
      close: (end) => store.close(execution, end),
    });
  }

  function checkRoom(): void {
    if (running.size < limits.open) return;
    throw new ServiceError(
      'ExecutionLimitExceeded',
      `Execution Limit Exceeded: local AWS runs at most ${limits.open} at the same time.`,
    );
  }

  function get(arn: string): StoredExecution {
    const execution = store.get(arn);
    if (execution) return execution;
    throw new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  }

  return {
    start(wanted) {
      const execution = newExecution(wanted);
      const existing = store.get(execution.arn);
      if (existing && !existing.end && existing.input === execution.input) return existing;
      if (existing) {
        throw new ServiceError(
          'ExecutionAlreadyExists',
          `Execution Already Exists: '${execution.arn}'`,
        );
      }
      checkRoom();
      if (execution.stateMachine.type === 'EXPRESS') run(execution);
      else runStandard(store.add(execution));
      return execution;
    },
    async startSync(wanted) {
      if (wanted.stateMachine.type !== 'EXPRESS') throw typeNotSupported();
      const started = newExecution(wanted);
      checkRoom();
      return { started, end: await run(started).ended };
    },
    async stop(arn, error, cause) {
      const execution = get(arn);
      if (execution.end) return execution.end.stopDate;
      const run = running.get(arn);
      run?.abort(error, cause);
      const end = await run?.ended;
      return end?.stopDate ?? new Date(clock.now());
    },
    get,
    newestFirst: store.newestFirst,
    subscribe: listeners.subscribe,
    taskOperations: taskTokens.operations,
    close() {
      for (const run of running.values()) run.abort(undefined, undefined);
    },
  };
}

function checkJson(input: string): void {
  try {
    JSON.parse(input);
  } catch {
    // V8's own message quotes the input, which may hold personal data.
    throw new ServiceError(
      'InvalidExecutionInput',
      "Invalid State Machine Execution Input: 'The input is not valid JSON.'",
    );
  }
}
