import type { Clock } from './clock.ts';
import { StatusNotYetKnown } from './errors.ts';

/** How long an errand waits for its token; who sends one cannot be answered without it. */
const AWAITED_MILLISECONDS = 10_000;
/** What the smallest of Step Functions' quotas serves in that time, and its burst. */
const WAITING_MAX = 350;

/** DescribeExecution calls for other ends than a status. They count in the same budget. */
export interface Errands {
  /**
   * Makes the call once there is a token for it.
   *
   * @throws {StatusNotYetKnown} there was none in time, or too many wait for one
   * @throws what the call threw
   */
  run<T>(call: () => Promise<T>): Promise<T>;
  /** Whether one waits. */
  isWaiting(): boolean;
  /** Sends off the one that waits the longest, with a token that it now owns. */
  sendNext(): void;
  close(): void;
}

/**
 * @param options.onQueued called when an errand begins to wait
 * @param options.onReturned called when an errand is over, with what it failed on, if it did
 */
export function createErrands(options: {
  clock: Clock;
  onQueued(): void;
  onReturned(failure: unknown): void;
}): Errands {
  const { clock, onQueued, onReturned } = options;
  let isClosed = false;
  const waiting = new Map<() => void, () => void>();

  function awaitTurn(): Promise<void> {
    return new Promise((resolve, reject) => {
      function giveUp(): void {
        cancel();
        waiting.delete(go);
        reject(new StatusNotYetKnown(AWAITED_MILLISECONDS / 1000));
      }
      function go(): void {
        cancel();
        waiting.delete(go);
        resolve();
      }
      const cancel = clock.schedule(AWAITED_MILLISECONDS, giveUp);
      waiting.set(go, giveUp);
    });
  }

  return {
    async run(call) {
      if (isClosed || waiting.size >= WAITING_MAX) {
        throw new StatusNotYetKnown(AWAITED_MILLISECONDS / 1000);
      }
      const turn = awaitTurn();
      onQueued();
      await turn;
      let failure: unknown;
      try {
        return await call();
      } catch (error) {
        failure = error;
        throw error;
      } finally {
        onReturned(failure);
      }
    },
    isWaiting: () => waiting.size > 0,
    sendNext() {
      const [go] = waiting.keys();
      go?.();
    },
    close() {
      isClosed = true;
      for (const giveUp of [...waiting.values()]) giveUp();
    },
  };
}
