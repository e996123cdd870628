import type { Clock } from '../../src/clock.ts';
import type { VirtualClock } from '../execution-statuses/virtual-clock.ts';
import type { Choices } from './choices.ts';

/** The machine of one process: its timers and its calls end with a crash. */
export interface Machine {
  readonly clock: Clock;
  /** Aborted when it crashes. */
  readonly crashed: AbortSignal;
  crash(): void;
  /** The number of pending timers. */
  timers(): number;
  /**
   * Sends a call. With this probability, the machine crashes before the call, during it, or before
   * the caller sees the response. A call that was sent still arrives.
   */
  send<T>(probability: number, call: () => Promise<T>): Promise<T>;
}

/** @param options.ahead the milliseconds by which its time of day is ahead */
export function createMachine(options: {
  clock: VirtualClock;
  choices: Choices;
  ahead: number;
  onCrash(): void;
}): Machine {
  const { clock, choices, ahead, onCrash } = options;
  const crashing = new AbortController();
  const { signal: crashed } = crashing;
  const timers = new Set<() => void>();

  function crash(): void {
    if (crashed.aborted) return;
    for (const cancel of timers) cancel();
    timers.clear();
    crashing.abort(new Error('crashed'));
    onCrash();
  }

  function schedule(milliseconds: number, task: () => void): () => void {
    if (crashed.aborted) return () => undefined;
    const cancel = clock.schedule(milliseconds, () => {
      timers.delete(cancel);
      task();
    });
    timers.add(cancel);
    return () => {
      timers.delete(cancel);
      cancel();
    };
  }

  return {
    clock: { now: clock.now, epoch: () => clock.epoch() + ahead, schedule },
    crashed,
    crash,
    timers: () => timers.size,
    async send(probability, call) {
      const when = choices.chance(probability) ? choices.whole(1, 3) : 0;
      if (when === 1) crash();
      if (crashed.aborted) return neverSettled();
      const response = call();
      if (when === 2) clock.schedule(choices.whole(0, 100), crash);
      try {
        return await response;
      } finally {
        if (when === 3) crash();
        if (crashed.aborted) await neverSettled();
      }
    },
  };
}

/** The result of a call for a process that has crashed. */
function neverSettled(): Promise<never> {
  return new Promise(() => undefined);
}
