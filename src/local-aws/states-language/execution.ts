import type { HistoryEvent } from '@aws-sdk/client-sfn';

export type Json = null | boolean | number | string | Json[] | { [member: string]: Json };

export function isObject(json: Json | undefined): json is { [member: string]: Json } {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** The time, in milliseconds. Tests replace it so that they need not wait. */
export interface Clock {
  now(): number;
  /** Resolves after `milliseconds`; rejects with the signal's reason once it is aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** An error of the Amazon States Language: a name, which Retry and Catch match, and a cause. */
export class StatesError extends Error {
  override readonly name = 'StatesError';
  readonly error: string;
  override readonly cause: string;

  constructor(error: string, cause: string) {
    super(`${error}: ${cause}`);
    this.error = error;
    this.cause = cause;
  }
}

/** Called with each line that the code behind a Task prints. */
export type TaskLog = (line: string) => void;

/**
 * Runs one kind of Task: takes the evaluated `Arguments` and returns the Task's result.
 *
 * @throws {StatesError} the error for Retry and Catch, such as `DynamoDB.ThrottlingException`
 */
export interface TaskIntegration {
  (taskArguments: Json, signal: AbortSignal, log: TaskLog): Promise<Json>;
  /** Whether the resource supports `.waitForTaskToken`. */
  readonly takesToken?: boolean;
}

/** By the last part of a Task's `Resource`, such as `dynamodb:putItem`. */
export type TaskIntegrations = ReadonlyMap<string, TaskIntegration>;

/** A Task that waits for SendTaskSuccess or SendTaskFailure. */
export interface CallbackTask {
  /** The value of `$states.context.Task.Token`. */
  readonly token: string;
  /** Resolves on SendTaskSuccess and rejects with a StatesError on SendTaskFailure. */
  readonly result: Promise<Json>;
  /** Returns a signal that the next SendTaskHeartbeat aborts. */
  nextHeartbeat(): AbortSignal;
}

/** Creates a task token, which is valid until the signal is aborted. */
export type CreateCallbackTask = (signal: AbortSignal) => CallbackTask;

/** A history event without its id and timestamp, which it gets when it is recorded. */
export type NewHistoryEvent = Omit<HistoryEvent, 'id' | 'timestamp'>;

/** Appends an event to the execution's history. Returns its id, counted from 1. */
export type RecordEvent = (event: NewHistoryEvent) => number;

/** Called with a line of a Task's log, and the id of that attempt's TaskStarted event. */
export type RecordLog = (eventId: number, line: string) => void;

/** The part of `$states.context` that does not change during an execution. */
export interface ExecutionContext {
  readonly Execution: {
    readonly Id: string;
    readonly Input: Json;
    readonly Name: string;
    readonly RoleArn: string;
    readonly StartTime: string;
    readonly RedriveCount: number;
  };
  readonly StateMachine: { readonly Id: string; readonly Name: string };
}

/** How an execution ended. An aborted one has none: `runExecution` rejects with the abort reason. */
export type ExecutionOutcome =
  | { readonly status: 'SUCCEEDED'; readonly output: Json }
  | {
      readonly status: 'FAILED' | 'TIMED_OUT';
      readonly error: string | undefined;
      readonly cause: string | undefined;
    };
