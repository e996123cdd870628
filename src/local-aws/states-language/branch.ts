import { setImmediate } from 'node:timers/promises';
import { QueryEvaluationError } from './errors.ts';
import {
  type Clock,
  type ExecutionContext,
  type Json,
  type NewHistoryEvent,
  type RecordEvent,
  StatesError,
  type TaskIntegrations,
} from './execution.ts';
import type { JsonObject, State, Template, Workflow } from './states.ts';
import type { Variables } from './variables.ts';

/** What all branches of one execution share. */
export interface Run {
  readonly clock: Clock;
  readonly context: ExecutionContext;
  readonly integrations: TaskIntegrations;
  readonly random: () => number;
  readonly record: RecordEvent;
  /** The history may not grow longer; the last event is the one that ends the execution. */
  readonly eventLimit: number;
  events: number;
  /** Bytes of all variables that live. */
  variableBytes: number;
  /** When the event loop last had its turn, by `performance.now()`. */
  yieldedAt: number;
}

/** The state that a branch is in. */
export interface Visit {
  readonly state: State;
  readonly enteredEventId: number;
  readonly enteredTime: string;
  retryCount: number;
}

/** One sequence of states: the execution itself, a branch of Parallel, an iteration of Map. */
export interface Branch {
  readonly run: Run;
  readonly signal: AbortSignal;
  readonly variables: Variables;
  /** `$states.context.Map` */
  readonly map: JsonObject | undefined;
  previousEventId: number;
  visit: Visit | undefined;
}

/** A state's input or output, with its JSON text, which the history and the quotas need. */
export interface Payload {
  readonly value: Json;
  readonly text: string;
}

export type RunWorkflow = (branch: Branch, workflow: Workflow, input: Payload) => Promise<Payload>;

/** AWS's quota for a state's input, output or result, in bytes of UTF-8. */
const maxPayloadBytes = 262_144;

/**
 * @param origin the state, or a Task's resource, that the data comes from
 * @throws {StatesError} `States.DataLimitExceeded`
 */
export function payloadOf(value: Json, origin: string): Payload {
  const text = jsonText(value);
  checkSize(Buffer.byteLength(text), origin);
  return { value, text };
}

/**
 * @param bytes of data that comes from `origin`
 * @throws {StatesError} `States.DataLimitExceeded`
 */
export function checkSize(bytes: number, origin: string): void {
  if (bytes <= maxPayloadBytes) return;
  throw new StatesError(
    'States.DataLimitExceeded',
    `The state/task '${origin}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  );
}

function jsonText(value: Json): string {
  try {
    return JSON.stringify(value);
  } catch {
    throw new StatesError('States.Runtime', 'The data is nested too deeply.');
  }
}

type BranchEvent = Omit<NewHistoryEvent, 'previousEventId'>;

/** Records an event that follows the branch's last one. */
export function append(branch: Branch, event: BranchEvent): number {
  branch.previousEventId = appendAside(branch, event);
  return branch.previousEventId;
}

/** Records an event that the branch's next one does not refer to, as AWS does around branches. */
export function appendAside(branch: Branch, event: BranchEvent): number {
  const { run, signal, previousEventId } = branch;
  signal.throwIfAborted();
  if (run.events >= run.eventLimit - 1) {
    throw new StatesError(
      'States.Runtime',
      `The execution reached the maximum number of history events (${run.eventLimit}).`,
    );
  }
  run.events += 1;
  return run.record({ ...event, previousEventId });
}

/**
 * Evaluates a field of the state that the branch is in, and records it where that fails.
 *
 * @param members `result` or `errorOutput` of `$states`
 * @throws {StatesError} `States.QueryEvaluationError`
 */
export async function evaluate<T extends Json>(
  branch: Branch,
  template: Template<T>,
  input: Json,
  members: JsonObject = {},
): Promise<T> {
  const states = { input, context: contextOf(branch), ...members };
  try {
    return await template({ ...branch.variables.values, states });
  } catch (error) {
    if (!(error instanceof QueryEvaluationError)) throw error;
    const failure = stateError(branch, error.error, error.cause);
    append(branch, {
      type: 'EvaluationFailed',
      evaluationFailedEventDetails: {
        state: branch.visit?.state.name,
        error: failure.error,
        cause: failure.cause,
        location: error.location,
      },
    });
    throw failure;
  }
}

/** An error that the interpreter itself reports; AWS puts the state before the cause. */
export function stateError({ visit }: Branch, error: string, cause: string): StatesError {
  const where = visit && `'${visit.state.name}' (entered at the event id #${visit.enteredEventId})`;
  return new StatesError(error, `An error occurred while executing the state ${where}. ${cause}`);
}

/** `$states.context` */
function contextOf({ run, visit, map }: Branch): JsonObject {
  const { Execution, StateMachine } = run.context;
  return {
    Execution: { ...Execution },
    ...(visit && {
      State: {
        EnteredTime: visit.enteredTime,
        Name: visit.state.name,
        RetryCount: visit.retryCount,
      },
    }),
    StateMachine: { ...StateMachine },
    ...(map && { Map: map }),
  };
}

const turnMilliseconds = 10;

/**
 * Lets the event loop have a turn now and then. A workflow that never waits runs in microtasks
 * alone, and would keep every timer and socket of the process from their turn.
 */
export async function giveWay(run: Run): Promise<void> {
  if (performance.now() - run.yieldedAt < turnMilliseconds) return;
  await setImmediate();
  run.yieldedAt = performance.now();
}
