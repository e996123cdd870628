import type { HistoryEvent } from '@aws-sdk/client-sfn';

/**
 * - `RUNNING`: entered, and its latest attempt has not failed
 * - `RETRYING`: its latest attempt failed, and what follows is open: Retry, Catch or failure
 * - `SUCCEEDED`, `CAUGHT`: exited, the latter by a Catch
 * - `FAILED`, `ABORTED`: ended by its own error, or by something else
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
  /** 1 without a retry, and for states that have nothing to retry. */
  readonly attempts: number;
  /** The error name of the latest attempt that failed. */
  readonly error: string | undefined;
  /** The Parallel or Map state around it. */
  readonly within: Step | undefined;
  /** The iteration of the Map around it, from 0. */
  readonly iteration: number | undefined;
  /** How many iterations a Map has, once it has begun. */
  readonly iterations: number | undefined;
  /** The id of the event that changed it last. */
  readonly changedBy: number;
}

export interface StepHistory {
  /** In the order entered. */
  readonly steps: readonly Step[];
  /** Takes the next event; events come in the order of their ids. */
  add(event: HistoryEvent): void;
  /** The step that an event belongs to. */
  stepOf(eventId: number): Step | undefined;
}
