import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { tooManyStreamsProblem } from './http-problems.ts';

/** One event of a stream, as "Server-sent events" of the HTML standard has it. */
export interface ServerSentEvent {
  readonly event: string;
  /** What a client that reconnects sends as `Last-Event-ID`. */
  readonly id?: string;
  /** Sent as JSON. */
  readonly data: unknown;
}

/** Proxies close connections that stay silent, many after 30 s. */
const heartbeatMilliseconds = 10_000;
const longestMilliseconds = 15 * 60_000;
/** A client that has not taken the last event by then is disconnected. */
const slowestMilliseconds = 30_000;

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
}

/** @param maximum streams that may be open at once */
export function createEventStreams(maximum: number): EventStreams {
  let open = 0;
  return {
    async send(reply, openEvents, until = Number.POSITIVE_INFINITY) {
      if (open >= maximum) throw tooManyStreamsProblem();
      open += 1;
      const ended = new AbortController();
      const end = () => {
        if (!ended.signal.aborted) open -= 1;
        ended.abort();
      };
      reply.raw.once('close', end);
      const events = openEvents(ended.signal)[Symbol.asyncIterator]();
      // What goes wrong before the first event is a response of its own.
      const first = await events.next().catch((error: unknown) => {
        end();
        throw error;
      });
      const milliseconds = Math.min(longestMilliseconds, until - Date.now());
      const stream = Readable.from(
        texts(first, events, milliseconds, () => stream.destroy()),
        // Nothing is made before the client has taken what came before.
        { highWaterMark: 1 },
      );
      // nginx would wait for more before it passes anything on.
      reply.headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
      return reply.type('text/event-stream').send(stream);
    },
    get open() {
      return open;
    },
  };
}

type Events = AsyncIterator<ServerSentEvent>;

/** @param onSlow called where the client does not take a text in time */
async function* texts(
  first: IteratorResult<ServerSentEvent>,
  events: Events,
  milliseconds: number,
  onSlow: () => void,
): AsyncGenerator<string, void> {
  const deadline = performance.now() + milliseconds;
  let next: Promise<IteratorResult<ServerSentEvent> | undefined> = Promise.resolve(first);
  async function* give(text: string) {
    const timer = setTimeout(onSlow, slowestMilliseconds).unref();
    yield text;
    clearTimeout(timer);
  }
  yield* give(reconnectionTime());
  for (;;) {
    const left = deadline - performance.now();
    if (left <= 0) break;
    const result = await within(Math.min(left, heartbeatMilliseconds), next);
    if (result === timeIsUp) yield* give(': still here\n\n');
    else if (result === undefined || result.done) break;
    else {
      yield* give(textOf(result.value));
      // Whoever comes back learns why there are no more.
      next = events.next().catch(() => undefined);
    }
  }
  yield* give(reconnectionTime());
}

const timeIsUp = Symbol('time is up');

async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | typeof timeIsUp> {
  const { promise: late, resolve } = Promise.withResolvers<typeof timeIsUp>();
  const timer = setTimeout(() => resolve(timeIsUp), milliseconds);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function textOf({ event, id, data }: ServerSentEvent): string {
  const lines = [`event: ${event}`, `data: ${JSON.stringify(data)}`];
  if (id !== undefined) lines.push(`id: ${id}`);
  return `${lines.join('\n')}\n\n`;
}

/** From 1 to 5 s, so that clients who were disconnected together do not all return together. */
function reconnectionTime(): string {
  return `retry: ${1000 + Math.round(Math.random() * 4000)}\n\n`;
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
