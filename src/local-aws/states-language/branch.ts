import {
  type Clock,
  type CreateCallbackTask,
  type ExecutionContext,
  type NewHistoryEvent,
  type RecordEvent,
  type RecordLog,
  StatesError,
  type TaskIntegrations,
} from './execution.ts';
import type { Payload } from './payload.ts';
import type { JsonObject, State, Workflow } from './states.ts';
import type { VariableMemory, Variables } from './variables.ts';

/** What surrounds an execution. */
export interface Environment {
  readonly clock: Clock;
  readonly context: ExecutionContext;
  readonly integrations: TaskIntegrations;
  readonly createCallbackTask: CreateCallbackTask;
  /** Returns a number from 0 to less than 1, for the jitter of Retry. */
  readonly random: () => number;
  readonly record: RecordEvent;
  readonly recordLog: RecordLog;
  /** The most events that the history may have, including the one that ends the execution. */
  readonly eventLimit: number;
}

/** The part of an execution that all its branches share. */
export interface Runtime extends Environment {
  /** The number of events recorded. */
  events: number;
  readonly variableMemory: VariableMemory;
}

/** One visit of a state, from its StateEntered event to its exit. */
export interface Visit {
  readonly state: State;
  readonly enteredEventId: number;
  /** The `previousEventId` of the StateEntered event. */
  readonly precedingEventId: number;
  readonly enteredTime: string;
  retryCount: number;
  /** Present while a `.waitForTaskToken` Task runs. */
  taskToken?: string;
}

/** A sequence of states: the execution itself, a branch of a Parallel or an iteration of a Map. */
export interface Branch {
  readonly runtime: Runtime;
  readonly signal: AbortSignal;
  readonly variables: Variables;
  /** `$states.context.Map` */
  readonly map: JsonObject | undefined;
  previousEventId: number;
  visit: Visit | undefined;
}

export type RunWorkflow = (branch: Branch, workflow: Workflow, input: Payload) => Promise<Payload>;

type BranchEvent = Omit<NewHistoryEvent, 'previousEventId'>;

/** Records an event and links the branch's next event to it. Returns its id. */
export function append(branch: Branch, event: BranchEvent): number {
  branch.previousEventId = appendUnlinked(branch, event);
  return branch.previousEventId;
}

/**
 * Records an event without linking the branch's next event to it, as AWS does around branches.
 * Returns its id.
 *
 * @throws {StatesError} `States.Runtime` if the history is full
 */
export function appendUnlinked(branch: Branch, event: BranchEvent): number {
  const { runtime, signal, previousEventId } = branch;
  signal.throwIfAborted();
  if (runtime.events >= runtime.eventLimit - 1) {
    throw new StatesError(
      'States.Runtime',
      `The execution reached the maximum number of history events (${runtime.eventLimit}).`,
    );
  }
  runtime.events += 1;
  return runtime.record({ ...event, previousEventId });
}

/** Returns an error of the interpreter itself. AWS puts the state in front of the cause. */
export function stateError({ visit }: Branch, error: string, cause: string): StatesError {
  const where = visit && `'${visit.state.name}' (entered at the event id #${visit.enteredEventId})`;
  return new StatesError(error, `An error occurred while executing the state ${where}. ${cause}`);
}
