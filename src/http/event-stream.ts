import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { systemClock } from '../clock.ts';
import { eventTexts, type ServerSentEvent } from './event-texts.ts';
import { tooManyStreamsProblem } from './http-problems.ts';

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
  /**
   * The process stops, and events end: closes the connection of each stream after its end, and soon
   * those of clients that read slowly.
   */
  stop(): void;
}

/** @param maximum streams that may be open at once */
export function createEventStreams(
  maximum: number,
  limits: Partial<EventStreamLimits> = {},
): EventStreams {
  const { slowestMilliseconds, longestMilliseconds, stopMilliseconds, ...rest } = {
    ...defaultLimits,
    ...limits,
  };
  const open = new Set<ServerResponse>();
  let isStopping = false;
  return {
    maximum,
    async send(reply, openEvents, until = Number.POSITIVE_INFINITY) {
      if (open.size >= maximum) throw tooManyStreamsProblem();
      const { raw } = reply;
      const ended = new AbortController();
      let slowTimer: NodeJS.Timeout | undefined;
      const end = () => {
        clearTimeout(slowTimer);
        open.delete(raw);
        ended.abort();
        // Its headers went out before the stop, without `connection: close`.
        if (isStopping) raw.req.socket.destroySoon();
      };
      open.add(raw);
      // Once it is destroyed, it may have emitted `close` already.
      if (raw.destroyed) end();
      else raw.once('close', end);
      const events = openEvents(ended.signal)[Symbol.asyncIterator]();
      // What goes wrong before the first event is a response of its own.
      const first = await events.next().catch((error: unknown) => {
        end();
        throw error;
      });
      async function* untilTaken(texts: AsyncIterable<string>) {
        const startTimer = () => {
          slowTimer = setTimeout(() => raw.destroy(), slowestMilliseconds).unref();
        };
        for await (const text of texts) {
          startTimer();
          yield text;
          clearTimeout(slowTimer);
        }
        // For what is on its way.
        startTimer();
      }
      const milliseconds = Math.min(longestMilliseconds, until - Date.now());
      const texts = eventTexts(first, events, { ...rest, milliseconds }, systemClock);
      // Nothing is made before the client has taken what came before.
      const stream = Readable.from(untilTaken(texts), { highWaterMark: 1 });
      // nginx would wait for more before it passes anything on.
      reply.headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
      return reply.type('text/event-stream').send(stream);
    },
    get open() {
      return open.size;
    },
    stop() {
      isStopping = true;
      setTimeout(() => {
        for (const response of open) response.destroy();
      }, stopMilliseconds).unref();
    },
  };
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
