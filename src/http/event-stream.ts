import { once } from 'node:events';
import type { IncomingHttpHeaders, OutgoingHttpHeader, ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import { systemClock } from '../clock.ts';
import { eventTexts, type ServerSentEvent } from './event-texts.ts';
import { tooManyStreamsProblem } from './http-problems.ts';
import type { RequestEnds } from './request-end.ts';

export interface EventStreamLimits {
  /** Proxies close connections that stay silent, many after 30 s. */
  readonly heartbeatMilliseconds: number;
  readonly longestMilliseconds: number;
  /** A client that does not take what it is sent for so long is disconnected. */
  readonly slowestMilliseconds: number;
  /** The same while the process stops. */
  readonly stopMilliseconds: number;
}

export const defaultLimits: EventStreamLimits = {
  heartbeatMilliseconds: 10_000,
  longestMilliseconds: 15 * 60_000,
  slowestMilliseconds: 30_000,
  stopMilliseconds: 5000,
};

export interface EventStreams {
  /**
   * Responds with the events until there are no more, the client disconnects, or after 15 minutes.
   *
   * @param openEvents the events; its signal aborts when they are no longer wanted
   * @param until when to end at the latest, in epoch milliseconds
   * @throws {Problem} too many streams are open
   * @throws what keeps the first event from being made
   */
  send(
    reply: FastifyReply,
    openEvents: (signal: AbortSignal) => AsyncIterable<ServerSentEvent>,
    until?: number,
  ): Promise<FastifyReply>;
  readonly open: number;
  /** How many may be open at once. */
  readonly maximum: number;
  /** The process stops, and events end: soon disconnects the clients that read slowly. */
  stop(): void;
}

/** @param options.maximum streams that may be open at once */
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
      // Once it is destroyed, it may have emitted `close` already.
      if (raw.destroyed) end();
      else raw.once('close', end);
      const events = openEvents(closed.signal)[Symbol.asyncIterator]();
      // What goes wrong before the first event is a response of its own.
      const first = await events.next().catch((error: unknown) => {
        end();
        throw error;
      });
      const milliseconds = Math.min(limits.longestMilliseconds, until - Date.now());
      const texts = eventTexts(first, events, { ...limits, milliseconds }, systemClock);
      reply.type('text/event-stream').headers({
        'cache-control': 'no-store',
        // nginx would wait for more before it passes anything on.
        'x-accel-buffering': 'no',
        // The process may be stopping by the time the stream ends.
        connection: 'close',
      });
      // Fastify's own way to send a stream takes as much memory as all the rest of a request.
      reply.hijack();
      requestEnds.follow(reply.request, reply);
      raw.writeHead(200, headerLines(reply));
      void write(raw, texts, closed.signal, limits.slowestMilliseconds);
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

/** Names and values in turn. */
function headerLines(reply: FastifyReply): OutgoingHttpHeader[] {
  return Object.entries(reply.getHeaders()).flatMap(([name, value = '']) => [name, value]);
}

/**
 * Writes what the client takes, and disconnects one that takes nothing for so long.
 *
 * @param closed aborts when the connection closes
 */
async function write(
  response: ServerResponse,
  texts: AsyncIterable<string>,
  closed: AbortSignal,
  slowestMilliseconds: number,
): Promise<void> {
  const startTimer = () => setTimeout(() => response.destroy(), slowestMilliseconds).unref();
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

/** Whether a request asks for a stream, rather than for one response. */
export function wantsEventStream({ accept }: IncomingHttpHeaders): boolean {
  return (accept ?? '')
    .split(',')
    .some((range) => /^\s*text\/event-stream\s*(?:$|;(?!.*q=0(?:\.0*)?\s*(?:;|$)))/i.test(range));
}

/** Tells an `EventSource` that comes back after the end of its stream to stop. */
export function endReconnection(reply: FastifyReply): FastifyReply {
  return reply.code(204).send();
}
