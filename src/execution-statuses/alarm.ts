import type { Clock } from './clock.ts';

/** One timer for everything that is due at some time. */
export interface Alarm {
  /** Rings after this many milliseconds, or earlier where it is already set. */
  set(milliseconds: number): void;
  cancel(): void;
}

export function createAlarm(clock: Clock, ring: () => void): Alarm {
  let pending: { readonly at: number; readonly cancel: () => void } | undefined;

  function cancel(): void {
    pending?.cancel();
    pending = undefined;
  }

  return {
    set(milliseconds) {
      const delay = Math.max(1, milliseconds);
      const at = clock.now() + delay;
      if (at === Number.POSITIVE_INFINITY || (pending && pending.at <= at)) return;
      cancel();
      const cancelTimer = clock.schedule(delay, () => {
        pending = undefined;
        ring();
      });
      pending = { at, cancel: cancelTimer };
    },
    cancel,
  };
}
