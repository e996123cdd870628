import type { Clock } from '../clock.ts';
import type { Change } from '../status-table/status-table.ts';
import type { Operation } from './operation.ts';

const INTERVAL_MILLISECONDS = 500;
/** Each query begins this long before the last one: writers' clocks differ, the index lags. */
const OVERLAP_MILLISECONDS = 5000;
/** How long the feed goes on after it was last needed. */
const LINGER_MILLISECONDS = 10_000;
/** Without a response for this long, the feed confirms nothing. */
const LIVE_MILLISECONDS = 2000;
/** Beyond this, executions are read anew rather than all the changes meanwhile. */
const CATCH_UP_MILLISECONDS = 60_000;

/** The changes of all executions, as the status table has them, while somebody needs them. */
export interface Feed {
  /** To be called whenever a caller asks for an execution, or starts one and so will ask. */
  need(): void;
  /** Whether it would have reported a change of what was observed at this time, or later. */
  covers(observedAt: number): boolean;
  /** When it was last read, in the clock's milliseconds. */
  readonly readAt: number;
  /** Seconds since it was last read; 0 while nobody needs it. */
  ageSeconds(): number;
  close(): void;
}

/**
 * @param options.query `changesSince` of the status table, where there is one
 * @param options.onChange called with every change, often more than once
 * @param options.isNeeded whether callers are held
 */
export function createFeed(options: {
  query: Operation<[since: number], readonly Change[]> | undefined;
  clock: Clock;
  onChange(change: Change): void;
  isNeeded(): boolean;
}): Feed {
  const { query, clock, onChange, isNeeded } = options;
  let stopTimer: (() => void) | undefined;
  let neededAt = Number.NEGATIVE_INFINITY;
  let isOn = false;
  let isClosed = false;
  /** From here on, no change goes unseen. */
  let unbrokenSince = Number.NEGATIVE_INFINITY;
  /** Up to here, all changes have been seen. */
  let readAt = Number.NEGATIVE_INFINITY;

  async function read(): Promise<void> {
    const sentAt = clock.now();
    if (sentAt - readAt > CATCH_UP_MILLISECONDS) unbrokenSince = readAt = sentAt;
    const since = clock.epoch() - (sentAt - readAt) - OVERLAP_MILLISECONDS;
    // The operation reports a failure; the next query catches up.
    const changes = await query?.call(since).catch(() => undefined);
    if (changes !== undefined) readAt = sentAt;
    for (const change of changes ?? []) onChange(change);
    if (isClosed) return;
    const wait = sentAt + INTERVAL_MILLISECONDS - clock.now();
    stopTimer = clock.schedule(Math.max(1, wait), readOn);
  }

  function readOn(): void {
    isOn = isNeeded() || clock.now() - neededAt < LINGER_MILLISECONDS;
    if (isOn) void read();
  }

  return {
    need() {
      neededAt = clock.now();
      if (isOn || isClosed || query === undefined) return;
      unbrokenSince = readAt = neededAt;
      readOn();
    },
    covers: (observedAt) =>
      isOn && observedAt >= unbrokenSince && clock.now() - readAt < LIVE_MILLISECONDS,
    get readAt() {
      return readAt;
    },
    ageSeconds: () => (isOn ? (clock.now() - readAt) / 1000 : 0),
    close() {
      isClosed = true;
      isOn = false;
      stopTimer?.();
    },
  };
}
