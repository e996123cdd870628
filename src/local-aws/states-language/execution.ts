import type { HistoryEvent } from '@aws-sdk/client-sfn';

export type Json = null | boolean | number | string | Json[] | { [member: string]: Json };

export function isObject(json: Json | undefined): json is { [member: string]: Json } {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** Time, so that tests wait for nothing. All in milliseconds. */
export interface Clock {
  now(): number;
  /** Resolves after `milliseconds`; rejects with the signal's reason once it is aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** An error as the Amazon States Language knows it: a name that Retry and Catch match, and a cause. */
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

/** Takes a line that the code behind a Task prints. */
export type TaskLog = (line: string) => void;

/**
 * Carries out one kind of Task: takes the evaluated `Arguments`, returns the Task's result.
 *
 * @throws {StatesError} what Retry and Catch then see, for example `DynamoDB.ThrottlingException`
 */
export interface TaskIntegration {
  (taskArguments: Json, signal: AbortSignal, log: TaskLog): Promise<Json>;
  /** Whether the resource may also be called with `.waitForTaskToken`. */
  readonly takesToken?: boolean;
}

/** By the last part of a Task's `Resource`, such as `dynamodb:putItem`. */
export type TaskIntegrations = ReadonlyMap<string, TaskIntegration>;

/** A Task that waits until its token is sent back. */
export interface CallbackTask {
  /** `$states.context.Task.Token` */
  readonly token: string;
  /** Rejects with a StatesError where a failure is sent. */
  readonly result: Promise<Json>;
  /** Aborted by the next heartbeat. */
  nextHeartbeat(): AbortSignal;
}

/** Creates a task token. It becomes invalid once the signal is aborted. */
export type CreateCallbackTask = (signal: AbortSignal) => CallbackTask;

/** A history event before it is recorded: its id and timestamp come from the history. */
export type NewHistoryEvent = Omit<HistoryEvent, 'id' | 'timestamp'>;

/** Appends an event to the execution's history. Returns its id, counted from 1. */
export type RecordEvent = (event: NewHistoryEvent) => number;

/** Takes a line of a Task's log, and the id of the event with which that attempt started. */
export type RecordLog = (eventId: number, line: string) => void;

/** Of `$states.context`, what stays the same throughout an execution. */
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

/** How an execution ended. An aborted one has no outcome: `runExecution` rejects with the signal's reason. */
export type ExecutionOutcome =
  | { readonly status: 'SUCCEEDED'; readonly output: Json }
  | {
      readonly status: 'FAILED' | 'TIMED_OUT';
      readonly error: string | undefined;
      readonly cause: string | undefined;
    };
