import { type CallbackTask, type Clock, type Json, StatesError } from './execution.ts';

/** In seconds. */
export interface Deadlines {
  readonly timeout: number | undefined;
  /** Restarts with each heartbeat. */
  readonly heartbeat: number | undefined;
}

export class DeadlinePassed extends StatesError {}

/**
 * Runs the work until a deadline passes. Does not wait for work that ignores its aborted signal.
 *
 * A task without a token cannot send heartbeats, so its heartbeat interval acts as a timeout.
 *
 * @throws {DeadlinePassed}
 */
export async function withDeadlines(
  { timeout, heartbeat }: Deadlines,
  clock: Clock,
  outer: AbortSignal,
  callback: CallbackTask | undefined,
  work: (signal: AbortSignal) => Promise<Json>,
): Promise<Json> {
  const finished = new AbortController();
  const signal = AbortSignal.any([outer, finished.signal]);
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  outer.addEventListener('abort', () => reject(outer.reason), { signal: finished.signal });

  async function timeOut(seconds: number): Promise<never> {
    await clock.sleep(seconds * 1000, signal);
    throw new DeadlinePassed('States.Timeout', '');
  }

  async function missHeartbeat(seconds: number): Promise<never> {
    for (;;) {
      const beat = callback?.nextHeartbeat();
      try {
        await clock.sleep(seconds * 1000, beat ? AbortSignal.any([signal, beat]) : signal);
      } catch (error) {
        if (signal.aborted || !beat?.aborted) throw error;
        continue;
      }
      throw new DeadlinePassed('States.HeartbeatTimeout', '');
    }
  }

  try {
    return await Promise.race([
      aborted,
      // The heartbeat comes first in the race, and only if it is shorter than the timeout.
      ...(heartbeat !== undefined && heartbeat < (timeout ?? Number.POSITIVE_INFINITY)
        ? [missHeartbeat(heartbeat)]
        : []),
      ...(timeout !== undefined ? [timeOut(timeout)] : []),
      work(signal),
    ]);
  } finally {
    finished.abort('The task has ended.');
  }
}
