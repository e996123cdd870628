import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply } from 'fastify';
import { createOpenStreams, type SendEvent, type StreamIntervals } from './open-streams.ts';
import { tooManyStreamsProblem } from './problem-details/http-problems.ts';
import type { RequestEnds } from './request-end.ts';

export interface EventStreamLimits extends StreamIntervals {
  /** The longest duration of a stream. */
  readonly maxMilliseconds: number;
  /** When the process stops, streams that are still open after this time are disconnected. */
  readonly stopMilliseconds: number;
}

export const defaultLimits: EventStreamLimits = {
  heartbeatMilliseconds: 10_000,
  slowClientMilliseconds: 30_000,
  checkMilliseconds: 1000,
  maxMilliseconds: 15 * 60_000,
  stopMilliseconds: 5000,
};

export interface EventStream {
  /** Aborts when the stream has ended. */
  readonly signal: AbortSignal;
  /**
   * Responds with events until `sendEvents` is done, the client disconnects, or 15 minutes pass. An
   * error of `sendEvents` ends the stream: a client that reconnects gets it as its response.
   */
  send(sendEvents: (send: SendEvent) => Promise<void>): FastifyReply;
}

export interface EventStreams {
  /**
   * Opens a stream. Until its `send` is called, the request may also get another response.
   *
   * @param until when to end at the latest, in epoch milliseconds
   * @throws {Problem} too many streams are open
   */
  open(reply: FastifyReply, until?: number): EventStream;
  /** The number of open streams. */
  readonly size: number;
  /** The limit of open streams. */
  readonly maximum: number;
  /** For shutdown, when all events end: disconnects slow clients after `stopMilliseconds`. */
  stop(): void;
}

const streamHeaders = {
  'content-type': 'text/event-stream',
  // Otherwise nginx buffers the response.
  'x-accel-buffering': 'no',
  // The process may be stopping when the stream ends.
  connection: 'close',
};

/** @param options.maximum the limit of open streams */
export function createEventStreams(options: {
  maximum: number;
  limits?: Partial<EventStreamLimits>;
  requestEnds: Pick<RequestEnds, 'follow'>;
}): EventStreams {
  const { maximum, requestEnds } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const streams = createOpenStreams(limits);

  function writeHead(reply: FastifyReply): void {
    // Sending a stream through Fastify would double the memory of a request.
    reply.hijack();
    requestEnds.follow(reply);
    const headers = Object.entries({ ...reply.getHeaders(), ...streamHeaders });
    const lines = headers.flatMap(([name, value = '']) => [name, value]);
    reply.raw.writeHead(200, lines);
    // Sent by themselves, the headers become one string. Otherwise Node keeps the pieces in memory.
    reply.raw.flushHeaders();
  }

  return {
    maximum,
    open(reply, until = Number.POSITIVE_INFINITY) {
      if (streams.size >= maximum) throw tooManyStreamsProblem();
      const stream = streams.add(reply.raw);
      return {
        signal: stream.signal,
        send(sendEvents) {
          writeHead(reply);
          stream.send(sendEvents, Math.min(limits.maxMilliseconds, until - Date.now()));
          return reply;
        },
      };
    },
    get size() {
      return streams.size;
    },
    stop() {
      setTimeout(streams.destroy, limits.stopMilliseconds).unref();
    },
  };
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
