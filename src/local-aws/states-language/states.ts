import type { Json } from './execution.ts';
import type { Bindings } from './jsonata-engine.ts';

export interface JsonObject {
  [member: string]: Json;
}

/**
 * A compiled field. Returns the field's value for the given variables.
 *
 * @throws {QueryEvaluationError}
 */
export type Template<T extends Json = Json> = (bindings: Bindings) => T | Promise<T>;

/** The states between one pair of `StartAt` and `States`. */
export interface Workflow {
  readonly startAt: string;
  readonly states: ReadonlyMap<string, State>;
}

export interface Retrier {
  readonly errorEquals: readonly string[];
  readonly intervalSeconds: number;
  readonly maxAttempts: number;
  readonly backoffRate: number;
  readonly maxDelaySeconds: number;
  readonly jitterStrategy: 'NONE' | 'FULL';
}

/** `Output`, `Assign` and `Next` of a state, a Catcher or a Choice Rule. Without `next`, the workflow ends. */
export interface Exit {
  readonly output: Template | undefined;
  readonly assign: Template<JsonObject> | undefined;
  readonly next: string | undefined;
}

export interface Catcher extends Exit {
  readonly errorEquals: readonly string[];
}

export interface ChoiceRule extends Exit {
  readonly condition: Template<boolean>;
}

interface Named {
  readonly name: string;
}

interface Recoverable extends Named, Exit {
  readonly retry: readonly Retrier[];
  readonly catch: readonly Catcher[];
}

export interface PassState extends Named, Exit {
  readonly type: 'Pass';
}

export interface TaskState extends Recoverable {
  readonly type: 'Task';
  readonly resource: string;
  readonly arguments: Template | undefined;
  readonly timeoutSeconds: Template<number> | undefined;
  readonly heartbeatSeconds: Template<number> | undefined;
}

/** `next` is the state's `Default`. */
export interface ChoiceState extends Named, Exit {
  readonly type: 'Choice';
  readonly choices: readonly ChoiceRule[];
}

export interface WaitState extends Named, Exit {
  readonly type: 'Wait';
  readonly seconds: Template<number> | undefined;
  readonly timestamp: Template<string> | undefined;
}

export interface SucceedState extends Named, Exit {
  readonly type: 'Succeed';
}

export interface FailState extends Named {
  readonly type: 'Fail';
  readonly error: Template<string> | undefined;
  readonly cause: Template<string> | undefined;
}

export interface ParallelState extends Recoverable {
  readonly type: 'Parallel';
  readonly arguments: Template | undefined;
  readonly branches: readonly Workflow[];
}

export interface MapState extends Recoverable {
  readonly type: 'Map';
  readonly items: Template<Json[]> | undefined;
  readonly itemSelector: Template | undefined;
  readonly itemProcessor: Workflow;
  readonly maxConcurrency: Template<number> | undefined;
  readonly toleratedFailureCount: Template<number> | undefined;
  readonly toleratedFailurePercentage: Template<number> | undefined;
}

export type RecoverableState = TaskState | ParallelState | MapState;

export type State =
  | RecoverableState
  | PassState
  | ChoiceState
  | WaitState
  | SucceedState
  | FailState;
