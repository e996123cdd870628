import type { Clock } from '../clock.ts';
import { timedOut, waitWithTimeout } from './wait-with-timeout.ts';

/** One event of a stream ("Server-sent events" in the HTML standard). */
export interface ServerSentEvent {
  readonly event: string;
  /** A client that reconnects sends it as `Last-Event-ID`. */
  readonly id?: string;
  /** Sent as JSON. */
  readonly data: unknown;
}

/**
 * Yields the text of an event stream: each event when it comes, a heartbeat comment when no event
 * comes for a while, and `retry:` at the beginning and at the end.
 *
 * @param first the first result of `events`, which has been read already
 * @param limits.milliseconds after which the stream ends, even if there are more events
 * @param limits.heartbeatMilliseconds the longest time without any text
 */
export async function* eventTexts(
  first: IteratorResult<ServerSentEvent>,
  events: AsyncIterator<ServerSentEvent>,
  limits: { readonly milliseconds: number; readonly heartbeatMilliseconds: number },
  clock: Clock,
  random: () => number = Math.random,
): AsyncGenerator<string, void> {
  const deadline = clock.now() + limits.milliseconds;
  yield reconnectionTime(random);
  let next = waitWithTimeout<IteratorResult<ServerSentEvent> | undefined>(
    Promise.resolve(first),
    clock,
  );
  for (;;) {
    const left = deadline - clock.now();
    if (left <= 0) break;
    const isLastWait = left <= limits.heartbeatMilliseconds;
    const result = await next(isLastWait ? left : limits.heartbeatMilliseconds);
    if (result === timedOut) {
      // Do not compare times here: a timer may fire early.
      if (isLastWait) break;
      yield ': still here\n\n';
    } else if (result === undefined || result.done) break;
    else {
      yield textOf(result.value);
      // End the stream on an error. A client that reconnects gets the error as its response.
      next = waitWithTimeout(
        events.next().catch(() => undefined),
        clock,
      );
    }
  }
  yield reconnectionTime(random);
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
