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

/** What all branches of one execution share. */
export interface Run {
  readonly clock: Clock;
  readonly context: ExecutionContext;
  readonly integrations: TaskIntegrations;
  readonly createCallbackTask: CreateCallbackTask;
  readonly random: () => number;
  readonly record: RecordEvent;
  readonly recordLog: RecordLog;
  /** The history may not grow longer; the last event is the one that ends the execution. */
  readonly eventLimit: number;
  events: number;
  readonly variableMemory: VariableMemory;
}

/** The state that a branch is in. */
export interface Visit {
  readonly state: State;
  readonly enteredEventId: number;
  /** What the event of entering it follows. */
  readonly precedingEventId: number;
  readonly enteredTime: string;
  retryCount: number;
  /** Of a Task that waits for it to be sent back. */
  taskToken?: string;
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

export type RunWorkflow = (branch: Branch, workflow: Workflow, input: Payload) => Promise<Payload>;

type BranchEvent = Omit<NewHistoryEvent, 'previousEventId'>;

/** Records an event that follows the branch's last one. */
export function append(branch: Branch, event: BranchEvent): number {
  branch.previousEventId = appendUnlinked(branch, event);
  return branch.previousEventId;
}

/** Records an event that the branch's next one does not refer to, as AWS does around branches. */
export function appendUnlinked(branch: Branch, event: BranchEvent): number {
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

/** An error that the interpreter itself reports; AWS puts the state before the cause. */
export function stateError({ visit }: Branch, error: string, cause: string): StatesError {
  const where = visit && `'${visit.state.name}' (entered at the event id #${visit.enteredEventId})`;
  return new StatesError(error, `An error occurred while executing the state ${where}. ${cause}`);
}
