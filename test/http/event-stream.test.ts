import { text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import Fastify from 'fastify';
import { expect, onTestFinished, test, vi } from 'vitest';
import {
  createEventStreams,
  type EventStreamLimits,
  type EventStreams,
} from '../../src/http/event-stream.ts';
import type { ServerSentEvent } from '../../src/http/open-streams.ts';
import { observeRequestEnds } from '../../src/http/request-end.ts';
import { openSocket } from '../support/raw-http.ts';

type Events = (signal: AbortSignal) => AsyncIterable<ServerSentEvent>;

const rejections: unknown[] = [];
process.on('unhandledRejection', (reason) => rejections.push(reason));

/** A server that streams these events at `/`. */
async function start(
  events: Events,
  options: {
    limits?: Partial<EventStreamLimits>;
    until?: number;
    before?: () => Promise<unknown>;
    beforeFirst?: (signal: AbortSignal) => Promise<unknown>;
  } = {},
) {
  const app = Fastify({ forceCloseConnections: true });
  const requestEnds = observeRequestEnds(app);
  const streams = createEventStreams({
    maximum: 100,
    limits: { checkMilliseconds: 5, ...options.limits },
    requestEnds,
  });
  let requests = 0;
  app.get('/', async (_request, reply) => {
    requests += 1;
    await options.before?.();
    const { signal, send } = streams.open(reply, options.until);
    await options.beforeFirst?.(signal);
    return send(async (sendEvent) => {
      for await (const each of events(signal)) await sendEvent(each);
    });
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => app.close());
  const connect = (version = '1.1') => {
    const socket = openSocket(url);
    socket.on('error', () => undefined);
    socket.write(`GET / HTTP/${version}\r\nHost: example.com\r\n\r\n`);
    return socket;
  };
  const connections = () =>
    new Promise<number>((resolve) => {
      app.server.getConnections((_error, count) => resolve(count));
    });
  return { app, streams, url, connect, connections, requests: () => requests };
}

const event = (data: unknown): ServerSentEvent => ({ event: 'status', id: 'a', data });

const aborted = (signal: AbortSignal) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });

/** One event, then nothing until the signal aborts. */
async function* oneThenWait(signal: AbortSignal): AsyncGenerator<ServerSentEvent, void> {
  yield event(1);
  await aborted(signal);
}

async function expectAllClosed(streams: EventStreams): Promise<void> {
  await vi.waitFor(() => expect(streams.size).toBe(0));
  // Unhandled rejections are reported after this turn.
  await setImmediate();
  expect(rejections).toEqual([]);
}

test('a client that disconnects before its stream begins leaves no open stream', async () => {
  const gone = Promise.withResolvers<void>();
  const { connect, streams, requests, connections } = await start(oneThenWait, {
    before: () => gone.promise,
  });
  const socket = connect();
  await vi.waitFor(() => expect(requests()).toBe(1));
  socket.resetAndDestroy();
  await vi.waitFor(async () => expect(await connections()).toBe(0));
  gone.resolve();
  await setImmediate();
  await expectAllClosed(streams);
});

test.each([
  ['before the first event', oneThenWait, { beforeFirst: aborted }],
  ['between events', oneThenWait, {}],
  [
    'while it does not read',
    async function* () {
      for (;;) yield event('x'.repeat(262_144));
    },
    {},
  ],
])(
  'a client that disconnects %s leaves no stream and no connection',
  async (_when, events, options) => {
    const { connect, streams, connections } = await start(events, options);
    const sockets = Array.from({ length: 10 }, () => connect());
    await vi.waitFor(() => expect(streams.size).toBe(10));
    if (!('beforeFirst' in options)) {
      for (const socket of sockets) {
        await new Promise((resolve) => socket.once('readable', resolve));
      }
    }
    for (const socket of sockets) socket.destroy();
    await expectAllClosed(streams);
    expect(await connections()).toBe(0);
  },
);

test('two streams pipelined on one connection close with it', async () => {
  const { connect, streams } = await start(oneThenWait);
  const socket = connect();
  socket.write('GET / HTTP/1.1\r\nHost: example.com\r\n\r\n');
  await vi.waitFor(() => expect(streams.size).toBe(2));
  socket.resetAndDestroy();
  await expectAllClosed(streams);
});

test('a client that stops reading is disconnected, between events and after the last', async () => {
  const many = await start(
    async function* () {
      for (;;) yield event('x'.repeat(262_144));
    },
    { limits: { slowClientMilliseconds: 50 } },
  );
  many.connect();
  await vi.waitFor(() => expect(many.streams.size).toBe(1));
  await expectAllClosed(many.streams);
  // It does not read the last event.
  const last = await start(
    async function* () {
      yield event('x'.repeat(30_000_000));
    },
    { limits: { slowClientMilliseconds: 50 } },
  );
  last.connect();
  await vi.waitFor(() => expect(last.requests()).toBe(1));
  await vi.waitFor(async () => expect(await last.connections()).toBe(0));
  await expectAllClosed(last.streams);
});

test('a client that does not read does not delay the stop of the process', async () => {
  const { connect, streams, connections } = await start(
    async function* () {
      for (;;) yield event('x'.repeat(262_144));
    },
    { limits: { stopMilliseconds: 20 } },
  );
  connect();
  await vi.waitFor(() => expect(streams.size).toBe(1));
  streams.stop();
  await expectAllClosed(streams);
  expect(await connections()).toBe(0);
});

test('while there are no events, comments keep the connection open', async () => {
  const { url, streams } = await start(oneThenWait, { limits: { heartbeatMilliseconds: 5 } });
  const response = await fetch(url);
  const received: string[] = [];
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    received.push(chunk);
    if (received.join('').match(/(: still here\n\n){3}/)) break;
  }
  expect(received.join('')).toMatch(/^retry: \d+\n\nevent: status\ndata: 1\nid: a\n\n: still here/);
  await expectAllClosed(streams);
});

test.each([
  ['15 minutes', { limits: { maxMilliseconds: 30 } }],
  ['the expiry of the access token', { until: Date.now() - 1 }],
])('after %s, a stream ends with a retry field', async (_what, options) => {
  const { url, streams } = await start(oneThenWait, options);
  const response = await fetch(url);
  expect(await response.text()).toMatch(/^retry: \d+\n\n(event: .*\n.*\n.*\n\n)?retry: \d+\n\n$/);
  await expectAllClosed(streams);
});

test('an error after the first event ends the stream with a retry field', async () => {
  const { url, streams } = await start(async function* () {
    yield event(1);
    throw new Error('the table is gone');
  });
  const received = await (await fetch(url)).text();
  expect(received).toMatch(/data: 1\nid: a\n\nretry: \d+\n\n$/);
  expect(received).not.toContain('table');
  await expectAllClosed(streams);
});

test('an error before the first event gives an error response', async () => {
  const { url, streams } = await start(oneThenWait, {
    beforeFirst: () => Promise.reject(new Error('none')),
  });
  expect((await fetch(url)).status).toBe(500);
  await expectAllClosed(streams);
});

test('an event of 256 KiB with line breaks is sent as one data line', async () => {
  const data = { output: 'é\n\r\u2028'.repeat(65_536) };
  const { url } = await start(async function* () {
    yield event(data);
  });
  const lines = (await (await fetch(url)).text()).split(/\r\n|\r|\n/);
  const line = lines.find((each) => each.startsWith('data: '));
  expect(JSON.parse(line?.slice('data: '.length) ?? '')).toEqual(data);
});

test('over HTTP/1.0, the end of the connection ends the stream', async () => {
  const { connect } = await start(async function* () {
    yield event(1);
  });
  const received = await text(connect('1.0'));
  expect(received).toMatch(/\r\nconnection: close\r\n/i);
  expect(received).not.toMatch(/transfer-encoding/i);
  expect(received).toMatch(
    /\r\n\r\nretry: \d+\n\nevent: status\ndata: 1\nid: a\n\nretry: \d+\n\n$/i,
  );
});
