import { append, type Branch, type Runtime } from './branch.ts';
import type { StateMachineDefinition } from './definition.ts';
import { errorFields } from './errors.ts';
import { yieldToEventLoop } from './event-loop.ts';
import {
  type Clock,
  type CreateCallbackTask,
  type ExecutionContext,
  type ExecutionOutcome,
  type Json,
  type RecordEvent,
  type RecordLog,
  StatesError,
  type TaskIntegrations,
} from './execution.ts';
import { type Payload, payloadOf } from './payload.ts';
import { runState } from './run-state.ts';
import type { Workflow } from './states.ts';

export interface ExecutionOptions {
  readonly definition: StateMachineDefinition;
  readonly input: Json;
  readonly context: ExecutionContext;
  readonly integrations: TaskIntegrations;
  readonly createCallbackTask: CreateCallbackTask;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly record: RecordEvent;
  readonly recordLog?: RecordLog;
  /** Returns a number from 0 to less than 1, for the jitter of Retry. */
  readonly random?: () => number;
  /** The most events in the history: 25,000 for Standard, no limit for Express. */
  readonly eventLimit?: number;
}

/**
 * Runs an execution and records its history, from ExecutionStarted to the event that ends it.
 *
 * @throws the abort reason of `signal`; the caller records ExecutionAborted
 */
export async function runExecution(options: ExecutionOptions): Promise<ExecutionOutcome> {
  const { definition, clock, context, record } = options;
  options.signal.throwIfAborted();
  const timedOut = new AbortController();
  const finished = new AbortController();
  const runtime: Runtime = {
    clock,
    context,
    record,
    recordLog: options.recordLog ?? (() => {}),
    integrations: options.integrations,
    createCallbackTask: options.createCallbackTask,
    random: options.random ?? Math.random,
    eventLimit: options.eventLimit ?? 25_000,
    events: 0,
    variableMemory: { bytes: 0 },
  };
  const branch: Branch = {
    runtime,
    signal: AbortSignal.any([options.signal, timedOut.signal]),
    variables: { values: {}, bytes: new Map() },
    map: undefined,
    previousEventId: 0,
    visit: undefined,
  };
  if (definition.timeoutSeconds !== undefined) {
    clock.sleep(definition.timeoutSeconds * 1000, finished.signal).then(
      () => timedOut.abort('The execution timed out.'),
      () => {},
    );
  }
  try {
    const input = start(branch, options);
    const output = await runWorkflow(branch, definition.workflow, input);
    append(branch, {
      type: 'ExecutionSucceeded',
      executionSucceededEventDetails: {
        output: output.text,
        outputDetails: { truncated: false },
      },
    });
    return { status: 'SUCCEEDED', output: output.value };
  } catch (error) {
    options.signal.throwIfAborted();
    if (timedOut.signal.aborted) {
      // AWS returns neither an error nor a cause, in the history or from DescribeExecution.
      record({
        type: 'ExecutionTimedOut',
        previousEventId: 0,
        executionTimedOutEventDetails: {},
      });
      return { status: 'TIMED_OUT', error: undefined, cause: undefined };
    }
    if (!(error instanceof StatesError)) throw error;
    record({
      type: 'ExecutionFailed',
      previousEventId: branch.previousEventId,
      executionFailedEventDetails: errorFields(error),
    });
    return { status: 'FAILED', error: error.error || undefined, cause: error.cause || undefined };
  } finally {
    finished.abort('The execution has ended.');
  }
}

function start(branch: Branch, { input, context }: ExecutionOptions): Payload {
  const payload = payloadOf(input, context.StateMachine.Name);
  // Not `append`: on AWS the first state links to event 0, not to this one.
  branch.runtime.events += 1;
  branch.runtime.record({
    type: 'ExecutionStarted',
    previousEventId: 0,
    executionStartedEventDetails: {
      input: payload.text,
      inputDetails: { truncated: false },
      roleArn: context.Execution.RoleArn,
    },
  });
  return payload;
}

/** Runs one state after another until one ends the workflow. Returns the output of the last state. */
async function runWorkflow(branch: Branch, workflow: Workflow, input: Payload): Promise<Payload> {
  const { runtime } = branch;
  let name: string | undefined = workflow.startAt;
  let payload = input;
  while (name !== undefined) {
    const state = workflow.states.get(name);
    if (!state) throw new Error(`The definition has no state '${name}'`);
    await yieldToEventLoop();
    const enteredTime = new Date(runtime.clock.now()).toISOString();
    const precedingEventId = branch.previousEventId;
    const enteredEventId = append(branch, {
      type: `${state.type}StateEntered`,
      stateEnteredEventDetails: {
        name,
        input: payload.text,
        inputDetails: { truncated: false },
      },
    });
    branch.visit = { state, enteredEventId, precedingEventId, enteredTime, retryCount: 0 };
    const outcome = await runState(branch, state, payload, runWorkflow);
    payload = outcome.output;
    name = outcome.next;
  }
  return payload;
}
