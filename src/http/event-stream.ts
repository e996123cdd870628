import { once } from 'node:events';
import type { IncomingHttpHeaders, OutgoingHttpHeader, ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import { systemClock } from '../clock.ts';
import { eventTexts, type ServerSentEvent } from './event-texts.ts';
import { tooManyStreamsProblem } from './problem-details/http-problems.ts';
import type { RequestEnds } from './request-end.ts';

export interface EventStreamLimits {
  /** Heartbeat interval. Many proxies close connections after 30 s without data. */
  readonly heartbeatMilliseconds: number;
  /** The longest duration of a stream. */
  readonly maxMilliseconds: number;
  /** A client that does not read for this long is disconnected. */
  readonly slowClientMilliseconds: number;
  /** When the process stops, streams that are still open after this time are disconnected. */
  readonly stopMilliseconds: number;
}

export const defaultLimits: EventStreamLimits = {
  heartbeatMilliseconds: 10_000,
  maxMilliseconds: 15 * 60_000,
  slowClientMilliseconds: 30_000,
  stopMilliseconds: 5000,
};

export interface EventStreams {
  /**
   * Responds with the events until there are no more, the client disconnects, or 15 minutes pass.
   *
   * @param openEvents returns the events; the signal aborts when the stream has ended
   * @param until when to end at the latest, in epoch milliseconds
   * @throws {Problem} too many streams are open
   * @throws the error of the first event
   */
  send(
    reply: FastifyReply,
    openEvents: (signal: AbortSignal) => AsyncIterable<ServerSentEvent>,
    until?: number,
  ): Promise<FastifyReply>;
  /** The number of open streams. */
  readonly open: number;
  /** The limit of open streams. */
  readonly maximum: number;
  /** For shutdown, when all events end: disconnects slow clients after `stopMilliseconds`. */
  stop(): void;
}

/** @param options.maximum the limit of open streams */
export function createEventStreams(options: {
  maximum: number;
  limits?: Partial<EventStreamLimits>;
  requestEnds: Pick<RequestEnds, 'follow'>;
}): EventStreams {
  const { maximum, requestEnds } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const open = new Set<ServerResponse>();
  return {
    maximum,
    async send(reply, openEvents, until = Number.POSITIVE_INFINITY) {
      if (open.size >= maximum) throw tooManyStreamsProblem();
      const { raw } = reply;
      const closed = new AbortController();
      const end = () => {
        open.delete(raw);
        closed.abort();
      };
      open.add(raw);
      // A destroyed response may have emitted `close` already.
      if (raw.destroyed) end();
      else raw.once('close', end);
      const events = openEvents(closed.signal)[Symbol.asyncIterator]();
      // An error before the first event becomes an error response instead of a stream.
      const first = await events.next().catch((error: unknown) => {
        end();
        throw error;
      });
      const milliseconds = Math.min(limits.maxMilliseconds, until - Date.now());
      const texts = eventTexts(first, events, { ...limits, milliseconds }, systemClock);
      reply.type('text/event-stream').headers({
        'cache-control': 'no-store',
        // Otherwise nginx buffers the response.
        'x-accel-buffering': 'no',
        // The process may be stopping when the stream ends.
        connection: 'close',
      });
      // Sending a stream through Fastify would double the memory of a request.
      reply.hijack();
      requestEnds.follow(reply.request, reply);
      raw.writeHead(200, headerLines(reply));
      void write(raw, texts, closed.signal, limits.slowClientMilliseconds);
      return reply;
    },
    get open() {
      return open.size;
    },
    stop() {
      setTimeout(() => {
        for (const response of open) response.destroy();
      }, limits.stopMilliseconds).unref();
    },
  };
}

/** Returns the headers as a flat list of names and values, as `writeHead` takes them. */
function headerLines(reply: FastifyReply): OutgoingHttpHeader[] {
  return Object.entries(reply.getHeaders()).flatMap(([name, value = '']) => [name, value]);
}

/**
 * Writes the texts as fast as the client reads them. Disconnects a client that does not read for
 * `slowClientMilliseconds`.
 *
 * @param closed aborts when the connection closes
 */
async function write(
  response: ServerResponse,
  texts: AsyncIterable<string>,
  closed: AbortSignal,
  slowClientMilliseconds: number,
): Promise<void> {
  const startTimer = () => setTimeout(() => response.destroy(), slowClientMilliseconds).unref();
  // Sent by themselves, the headers become one string. Otherwise Node keeps the pieces in memory.
  response.flushHeaders();
  for await (const text of texts) {
    if (closed.aborted) return;
    if (response.write(text)) continue;
    const timer = startTimer();
    await once(response, 'drain', { signal: closed }).catch(() => undefined);
    clearTimeout(timer);
  }
  if (closed.aborted) return;
  response.end();
  const timer = startTimer();
  response.once('close', () => clearTimeout(timer));
}

/** Whether the `Accept` header asks for an event stream. */
export function wantsEventStream({ accept }: IncomingHttpHeaders): boolean {
  return (accept ?? '')
    .split(',')
    .some((range) => /^\s*text\/event-stream\s*(?:$|;(?!.*q=0(?:\.0*)?\s*(?:;|$)))/i.test(range));
}

/** Sends 204, which makes an `EventSource` stop reconnecting. */
export function stopReconnecting(reply: FastifyReply): FastifyReply {
  return reply.code(204).send();
}
