import type { HistoryEvent } from '@aws-sdk/client-sfn';

/**
 * - `RUNNING`: the latest attempt has not failed
 * - `RETRYING`: the latest attempt failed; a retry, a Catch or the failure of the state follows
 * - `SUCCEEDED`: exited normally
 * - `CAUGHT`: exited through a Catch
 * - `FAILED`: ended by its own error
 * - `ABORTED`: ended by something else
 */
export type StepStatus = 'RUNNING' | 'RETRYING' | 'SUCCEEDED' | 'CAUGHT' | 'FAILED' | 'ABORTED';

/** One visit to a state. A state inside a Map or a loop is visited many times. */
export interface Step {
  /** The id of the event that entered the state. */
  readonly id: number;
  readonly name: string;
  /** `Task`, `Choice`, `Map`, … */
  readonly type: string;
  readonly status: StepStatus;
  readonly enteredDate: Date;
  readonly exitedDate: Date | undefined;
  /** 1 without retries, and for states that cannot be retried. */
  readonly attempts: number;
  /** The error name of the latest failed attempt. */
  readonly error: string | undefined;
  /** The Parallel or Map state that contains this state. */
  readonly within: Step | undefined;
  /** The iteration of the Map that contains this state, from 0. */
  readonly iteration: number | undefined;
  /** The number of iterations of a Map, once it has started. */
  readonly iterations: number | undefined;
  /** The id of the event that last changed this step. */
  readonly changedBy: number;
}

export interface StepHistory {
  /** In the order entered. */
  readonly steps: readonly Step[];
  /** Adds the next event. Add events in the order of their ids. */
  add(event: HistoryEvent): void;
  /** Returns the step that an event belongs to. */
  stepOf(eventId: number): Step | undefined;
}
