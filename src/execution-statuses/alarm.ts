import type { Clock } from './clock.ts';

/** One timer for everything that is due at some time. */
export interface Alarm {
  /** Rings in so many milliseconds, or earlier; Infinity for not at all. */
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
      if (milliseconds === Number.POSITIVE_INFINITY) return cancel();
      const delay = Math.max(1, milliseconds);
      const at = clock.now() + delay;
      // One that rings too early does no harm; moving it at every poll would cost more.
      if (pending !== undefined && pending.at <= at) return;
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
