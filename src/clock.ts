/** Time, so that tests wait for nothing. All in milliseconds. */
export interface Clock {
  /** Never goes back; its zero means nothing. */
  now(): number;
  /** Time of day since 1970, as other machines have it too; may be set. */
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
