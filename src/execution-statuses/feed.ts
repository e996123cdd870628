import type { Clock } from '../clock.ts';
import type { Change } from '../status-table/status-table.ts';

const intervalMilliseconds = 500;
/** Queries overlap by this, to allow for clock skew between writers and for the lag of the index. */
const overlapMilliseconds = 5000;
/** How long the feed keeps polling after it was last needed. */
const lingerMilliseconds = 10_000;
/**
 * After this time without a response, the feed is no longer live: it confirms no statuses. When it
 * resumes, it confirms only those that are read afterwards.
 */
const liveMilliseconds = 2000;

/** Polls the status table for the changes of all executions, while callers need them. */
export interface Feed {
  /** Call this whenever a caller asks for a status or starts an execution. */
  need(): void;
  /** Whether the feed has seen all changes since this time, so that it would report any. */
  covers(observedAt: number): boolean;
  /** When the feed was last read, as `Clock.now`. */
  readonly readAt: number;
  /** Seconds since the feed was last read; 0 while nobody needs it. */
  ageSeconds(): number;
  close(): void;
}

/**
 * @param options.query reads the changes since a time from the status table, if there is one
 * @param options.onChange called with every change, often more than once
 * @param options.onLiveChange called when the feed stops or starts to be live
 * @param options.isNeeded returns whether callers are waiting for a status
 */
export function createFeed(options: {
  query: ((since: number) => Promise<readonly Change[]>) | undefined;
  clock: Clock;
  onChange(change: Change): void;
  onLiveChange(): void;
  isNeeded(): boolean;
}): Feed {
  const { query, clock, onChange, isNeeded } = options;
  let stopTimer: (() => void) | undefined;
  let neededAt = Number.NEGATIVE_INFINITY;
  let isOn = false;
  let isClosed = false;
  /** The feed has seen all changes since this time, up to `readAt`. */
  let unbrokenSince = Number.NEGATIVE_INFINITY;
  let readAt = Number.NEGATIVE_INFINITY;
  let wasLive = false;

  const isLive = () => clock.now() - readAt < liveMilliseconds;

  async function read(): Promise<void> {
    const sentAt = clock.now();
    const isUnbroken = isLive();
    const gap = isUnbroken ? sentAt - readAt : 0;
    const since = clock.epoch() - gap - overlapMilliseconds;
    // While the feed is live, the next query covers what a failed one missed.
    const changes = await query?.(since).catch(() => undefined);
    if (changes !== undefined) {
      if (!isUnbroken) unbrokenSince = sentAt;
      readAt = sentAt;
    }
    for (const change of changes ?? []) onChange(change);
    if (wasLive !== isLive()) options.onLiveChange();
    wasLive = isLive();
    if (isClosed) return;
    const wait = sentAt + intervalMilliseconds - clock.now();
    stopTimer = clock.schedule(Math.max(1, wait), readWhileNeeded);
  }

  function readWhileNeeded(): void {
    isOn = isNeeded() || clock.now() - neededAt < lingerMilliseconds;
    if (isOn) void read();
  }

  return {
    need() {
      neededAt = clock.now();
      if (isOn || isClosed || query === undefined) return;
      unbrokenSince = readAt = neededAt;
      readWhileNeeded();
    },
    covers: (observedAt) => isOn && observedAt >= unbrokenSince && isLive(),
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
