/** The time in milliseconds. Tests replace the clock, so that they need not wait. */
export interface Clock {
  /** Monotonic time since an arbitrary origin, for measuring durations. */
  now(): number;
  /** Milliseconds since the Unix epoch, comparable across machines. May jump. */
  epoch(): number;
  /** Runs `task` once, after `milliseconds`. Returns a function that cancels it. */
  schedule(milliseconds: number, task: () => void): () => void;
}

/** Resolves after `milliseconds`. */
export function sleep(clock: Pick<Clock, 'schedule'>, milliseconds: number): Promise<void> {
  return new Promise((resolve) => clock.schedule(milliseconds, resolve));
}

export const systemClock: Clock = {
  now: () => performance.now(),
  epoch: () => Date.now(),
  schedule(milliseconds, task) {
    const timer = setTimeout(task, milliseconds);
    return () => clearTimeout(timer);
  },
};
