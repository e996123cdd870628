import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { type Clock, systemClock } from '../clock.ts';

/** One event of a stream ("Server-sent events" in the HTML standard). */
export interface ServerSentEvent {
  readonly event: string;
  /** A client that reconnects sends it as `Last-Event-ID`. */
  readonly id?: string;
  /** Sent as JSON. */
  readonly data: unknown;
}

/**
 * Sends an event. Resolves when the client can take another one.
 *
 * @throws the reason of the stream's signal, when the stream has ended
 */
export type SendEvent = (event: ServerSentEvent) => Promise<void>;

/** A stream whose connection is open. */
export interface OpenStream {
  /** Aborts when the stream has ended. */
  readonly signal: AbortSignal;
  /**
   * Sends events until `sendEvents` is done or the time has passed. An error of `sendEvents` ends
   * the stream: a client that reconnects gets it as its response.
   */
  send(sendEvents: (send: SendEvent) => Promise<void>, milliseconds: number): void;
}

export interface OpenStreams {
  readonly size: number;
  /** Adds a stream until its connection closes. */
  add(response: Writable): OpenStream;
  /** Closes all connections. */
  destroy(): void;
}

export interface StreamIntervals {
  /** Heartbeat interval. Many proxies close connections after 30 s without data. */
  readonly heartbeatMilliseconds: number;
  /** A client that does not read for this long is disconnected. */
  readonly slowClientMilliseconds: number;
  /** How often the streams are checked: a heartbeat, an end or a disconnect may be late by this. */
  readonly checkMilliseconds: number;
}

/** Times are as `Clock.now`. */
interface State {
  readonly response: Writable;
  readonly ending: AbortController;
  /** When the stream ends at the latest. */
  endsAt: number;
  /** When the last text was written. */
  writtenAt: number;
}

/** The streams of a process. One timer for all of them takes less memory than one for each. */
export function createOpenStreams(
  intervals: StreamIntervals,
  clock: Clock = systemClock,
  random: () => number = Math.random,
): OpenStreams {
  const { heartbeatMilliseconds, slowClientMilliseconds, checkMilliseconds } = intervals;
  const open = new Set<State>();
  let stopTimer: (() => void) | undefined;

  function checkLater(): void {
    stopTimer = clock.schedule(checkMilliseconds, () => {
      for (const stream of open) check(stream);
      checkLater();
    });
  }

  function remove(stream: State): void {
    stream.ending.abort();
    if (open.delete(stream) && open.size === 0) stopTimer?.();
  }

  function check(stream: State): void {
    const { response, endsAt, writtenAt } = stream;
    const now = clock.now();
    const silentMilliseconds = now - writtenAt;
    if (response.writableNeedDrain || response.writableEnded) {
      if (silentMilliseconds >= slowClientMilliseconds) response.destroy();
    } else if (now >= endsAt) end(stream);
    else if (silentMilliseconds >= heartbeatMilliseconds) write(stream, ': still here\n\n');
  }

  /** Returns whether the client keeps up. */
  function write(stream: State, text: string): boolean {
    stream.writtenAt = clock.now();
    return stream.response.write(text);
  }

  async function writeEvent(stream: State, event: ServerSentEvent): Promise<void> {
    const { signal } = stream.ending;
    signal.throwIfAborted();
    const keepsUp = write(stream, textOf(event));
    if (!keepsUp) await once(stream.response, 'drain', { signal });
  }

  function end(stream: State): void {
    const { response, ending } = stream;
    if (ending.signal.aborted) return;
    write(stream, reconnectionTime(random));
    response.end();
    ending.abort();
  }

  return {
    get size() {
      return open.size;
    },
    destroy() {
      for (const { response } of open) response.destroy();
    },
    add(response) {
      const stream: State = {
        response,
        ending: new AbortController(),
        endsAt: Number.POSITIVE_INFINITY,
        writtenAt: Number.POSITIVE_INFINITY,
      };
      if (open.size === 0) checkLater();
      open.add(stream);
      const finish = () => (response.destroyed ? remove(stream) : end(stream));
      // A destroyed response may have emitted `close` already.
      if (response.destroyed) finish();
      else response.on('close', finish);
      return {
        signal: stream.ending.signal,
        send(sendEvents, milliseconds) {
          stream.endsAt = clock.now() + milliseconds;
          write(stream, reconnectionTime(random));
          sendEvents((event) => writeEvent(stream, event)).then(finish, finish);
        },
      };
    },
  };
}

function textOf({ event, id, data }: ServerSentEvent): string {
  const lines = [`event: ${event}`, `data: ${JSON.stringify(data)}`];
  if (id !== undefined) lines.push(`id: ${id}`);
  return `${lines.join('\n')}\n\n`;
}

/** A random time from 1 to 5 s, so that disconnected clients do not all reconnect at once. */
function reconnectionTime(random: () => number): string {
  return `retry: ${1000 + Math.round(random() * 4000)}\n\n`;
}
