import type { Clock } from '../clock.ts';
import { timeIsUp, waitInTurns } from './wait-in-turns.ts';

/** One event of a stream, as "Server-sent events" of the HTML standard has it. */
export interface ServerSentEvent {
  readonly event: string;
  /** What a client that reconnects sends as `Last-Event-ID`. */
  readonly id?: string;
  /** Sent as JSON. */
  readonly data: unknown;
}

/**
 * What an event stream sends, and when: the events as text, a comment after each silence, and
 * `retry:` first and last.
 *
 * @param first the first of the events
 * @param limits.milliseconds after which the stream ends, whether or not there may be more events
 * @param limits.heartbeatMilliseconds the longest silence
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
  let next = waitInTurns<IteratorResult<ServerSentEvent> | undefined>(
    Promise.resolve(first),
    clock,
  );
  for (;;) {
    const left = deadline - clock.now();
    if (left <= 0) break;
    const isLastWait = left <= limits.heartbeatMilliseconds;
    const result = await next(isLastWait ? left : limits.heartbeatMilliseconds);
    if (result === timeIsUp) {
      // Timers may be early: the time itself cannot tell.
      if (isLastWait) break;
      yield ': still here\n\n';
    } else if (result === undefined || result.done) break;
    else {
      yield textOf(result.value);
      // A client that comes back learns why there are no more.
      next = waitInTurns(
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

/** From 1 to 5 s, so that clients who were disconnected together do not all return together. */
function reconnectionTime(random: () => number): string {
  return `retry: ${1000 + Math.round(random() * 4000)}\n\n`;
}
