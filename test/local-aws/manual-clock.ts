import type { Clock } from '../../src/local-aws/states-language/execution.ts';

interface Sleeper {
  readonly until: number;
  readonly milliseconds: number;
  wake(): void;
}

export interface ManualClock extends Clock {
  /** Advances the time, and resolves every sleep that is over by then. */
  advance(milliseconds: number): void;
  /** Resolves once a sleep of exactly this length has begun. */
  sleepOf(milliseconds: number): Promise<void>;
}

/** A clock that stands still until `advance` moves it. */
export function manualClock(start = Date.parse('2025-11-10T10:30:00.000Z')): ManualClock {
  const sleepers = new Set<Sleeper>();
  const watchers = new Set<() => void>();
  let now = start;
  return {
    now: () => now,
    sleep(milliseconds, signal) {
      return new Promise((resolve, reject) => {
        const sleeper = { until: now + milliseconds, milliseconds, wake: resolve };
        sleepers.add(sleeper);
        signal.addEventListener('abort', () => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        });
        for (const check of watchers) check();
      });
    },
    advance(milliseconds) {
      now += milliseconds;
      for (const sleeper of sleepers) {
        if (sleeper.until > now) continue;
        sleepers.delete(sleeper);
        sleeper.wake();
      }
    },
    sleepOf(milliseconds) {
      return new Promise((resolve) => {
        const check = () => {
          if (![...sleepers].some((sleeper) => sleeper.milliseconds === milliseconds)) return;
          watchers.delete(check);
          resolve();
        };
        watchers.add(check);
        check();
      });
    },
  };
}
