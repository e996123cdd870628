/** Time, so that tests wait for nothing. All in milliseconds. */
export interface Clock {
  /** Never goes back; its zero means nothing. */
  now(): number;
  /** Runs `task` once, after `milliseconds`. Answers a function that cancels it. */
  schedule(milliseconds: number, task: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  schedule(milliseconds, task) {
    const timer = setTimeout(task, milliseconds);
    return () => clearTimeout(timer);
  },
};
