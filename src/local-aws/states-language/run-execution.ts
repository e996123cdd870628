import { append, type Branch, type Environment } from './branch.ts';
import type { StateMachineDefinition } from './definition.ts';
import { errorFields } from './errors.ts';
import { yieldToEventLoop } from './event-loop.ts';
import { type ExecutionOutcome, type Json, StatesError } from './execution.ts';
import { type Payload, payloadOf } from './payload.ts';
import { runState } from './run-state.ts';
import type { Workflow } from './states.ts';

export interface ExecutionOptions extends Environment {
  readonly definition: StateMachineDefinition;
  readonly input: Json;
  readonly signal: AbortSignal;
}

/**
 * Runs an execution and records its history, from ExecutionStarted to the event that ends it.
 *
 * @throws the abort reason of `signal`; the caller records ExecutionAborted
 */
export async function runExecution({
  definition,
  input,
  signal,
  ...environment
}: ExecutionOptions): Promise<ExecutionOutcome> {
  signal.throwIfAborted();
  const { clock, record } = environment;
  const timedOut = new AbortController();
  const finished = new AbortController();
  const branch: Branch = {
    runtime: { ...environment, events: 0, variableMemory: { bytes: 0 } },
    signal: AbortSignal.any([signal, timedOut.signal]),
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
    const output = await runWorkflow(branch, definition.workflow, start(branch, input));
    append(branch, {
      type: 'ExecutionSucceeded',
      executionSucceededEventDetails: {
        output: output.text,
        outputDetails: { truncated: false },
      },
    });
    return { status: 'SUCCEEDED', output: output.value };
  } catch (error) {
    signal.throwIfAborted();
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

/** Records ExecutionStarted. Returns the input as a payload. */
function start({ runtime }: Branch, input: Json): Payload {
  const { context } = runtime;
  const payload = payloadOf(input, context.StateMachine.Name);
  // Not `append`: on AWS the first state links to event 0, not to this one.
  runtime.events += 1;
  runtime.record({
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
