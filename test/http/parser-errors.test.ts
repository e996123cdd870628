import { once } from 'node:events';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Environment, onboardingRequest } from '../support/app.ts';
import {
  countConnections,
  openSocket,
  openUnreadSocket,
  readResponse,
  readResponses,
} from '../support/raw-http.ts';
import { problemIn, startOnboarding, startPath, syncPath } from '../support/requests.ts';
import { startBehind } from '../support/start-behind.ts';
import { late, stall } from '../support/step-functions-stub/faults.ts';
import type { StubOptions } from '../support/step-functions-stub/stub.ts';

const body = JSON.stringify(onboardingRequest());
const post = (path: string) =>
  `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const get = 'GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n';
const malformed = { type: '/problems/invalid-request', status: 400 };

const sockets: ReturnType<typeof openSocket>[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

async function start(options: StubOptions = {}, settings: Environment = {}) {
  const running = await startBehind(options, settings);
  const open = () => {
    const socket = openSocket(running.url);
    sockets.push(socket);
    return socket;
  };
  const lines = () => running.app.log.filter(({ msg }) => msg.startsWith('request'));
  return { ...running, open, lines };
}

test.each([20_000, 5_000_000])(
  'headers of %d bytes get 431, and the response arrives',
  async (bytes) => {
    const { open } = await start();
    const socket = open();
    socket.write(
      `GET /health/live HTTP/1.1\r\nhost: localhost\r\nx-large: ${'x'.repeat(bytes)}\r\n\r\n`,
    );
    const refused = await readResponse(socket);
    expect(refused.headers.get('connection')).toBe('close');
    expect(await problemIn(refused)).toMatchObject({
      type: '/problems/headers-too-large',
      status: 431,
    });
  },
);

describe('requests before malformed bytes get their responses, then the error comes', () => {
  test.each([
    ['a start and a stray byte', `${post(startPath)}x`, [202, 400]],
    ['a sync call and a stray byte', `${post(syncPath)}x`, [200, 400]],
    ['three calls', `${post(startPath)}${post(syncPath)}${post(startPath)}x`, [202, 200, 202, 400]],
    ['a probe', `${get}SSH-2.0-OpenSSH_9.6\r\n\r\n`, [200, 400]],
    [
      'calls and headers that are too large',
      `${post(startPath)}GET / HTTP/1.1\r\na: ${'x'.repeat(20_000)}`,
      [202, 431],
    ],
    ['a call without a route', `${post('/nowhere')}${post(startPath)}\0\0`, [404, 202, 400]],
    [
      'a call and CONNECT',
      `${post(startPath)}CONNECT example.com:443 HTTP/1.1\r\nhost: example.com\r\n\r\n`,
      [202, 405],
    ],
  ])('%s', async (_what, bytes, statuses) => {
    const { open, lines } = await start();
    const socket = open();
    socket.write(bytes);
    const responses = await readResponses(socket);
    expect(responses.map(({ status }) => status)).toEqual(statuses);
    const refused = responses.at(-1) ?? Response.error();
    expect(refused.headers.get('connection')).toBe('close');
    await problemIn(refused);
    expect(lines().map(({ status }) => status)).toEqual(statuses);
  });

  test('even when the bytes come while a sync call runs', async () => {
    const release = Promise.withResolvers<void>();
    const { stub, open } = await start({ script: () => late(() => release.promise) });
    const socket = open();
    socket.write(post(syncPath));
    await vi.waitFor(() => expect(stub.underWay()).toBe(1), { timeout: 20_000 });
    socket.write('SSH-2.0-OpenSSH_9.6\r\n\r\n');
    socket.write('and more\r\n');
    release.resolve();
    const [succeeded, refused = Response.error(), ...others] = await readResponses(socket);
    expect(succeeded?.status).toBe(200);
    expect(await problemIn(refused)).toMatchObject(malformed);
    expect(others).toEqual([]);
  });

  test('but the call ends if the caller disconnects meanwhile', async () => {
    const { stub, open } = await start({ script: () => stall });
    const socket = open();
    socket.write(post(syncPath));
    await vi.waitFor(() => expect(stub.underWay()).toBe(1), { timeout: 20_000 });
    socket.write('SSH-2.0-OpenSSH_9.6\r\n\r\n');
    socket.destroy();
    await vi.waitFor(() => expect(stub.underWay()).toBe(0), { timeout: 20_000 });
  });
});

describe('a request with a malformed body gets one response', () => {
  const chunked = (path: string, method = 'POST') =>
    `${method} ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`;

  test.each([
    ['a bad chunk', `${chunked(startPath)}zz\r\n`, 400, startPath],
    ['a bad chunk after a good one', `${chunked(startPath)}1\r\n{\r\nzz\r\n`, 400, startPath],
    ['a bad chunk to a path without a route', `${chunked('/nowhere')}zz\r\n`, 404, null],
    [
      'a bad chunk to a route that reads no body',
      `${chunked('/health/live', 'GET')}zz\r\n`,
      200,
      '/health/live',
    ],
  ])('%s', async (_what, bytes, status, route) => {
    const { open, lines } = await start();
    const socket = open();
    socket.write(bytes);
    const responses = await readResponses(socket);
    expect(responses.map((response) => response.status)).toEqual([status]);
    expect(lines()).toMatchObject([{ route, status }]);
  });

  test('408 if the body is too slow, and the log has the route', async () => {
    const { open, lines } = await start({}, { REQUEST_TIMEOUT_SECONDS: '0.1' });
    const socket = open();
    socket.write(`${post(startPath).slice(0, -5)}`);
    const [refused = Response.error(), ...others] = await readResponses(socket);
    expect(await problemIn(refused)).toMatchObject({
      type: '/problems/request-timeout',
      status: 408,
    });
    expect(others).toEqual([]);
    expect(lines()).toMatchObject([{ route: startPath, status: 408, problem: 'request-timeout' }]);
  });
});

test('a malformed request is logged and counted', async () => {
  const { url, open, lines } = await start();
  const socket = open();
  socket.write('SSH-2.0-OpenSSH_9.6\r\n\r\n');
  const { instance } = await problemIn(await readResponse(socket));
  expect(lines()).toEqual([
    expect.objectContaining({
      level: 30,
      msg: 'request',
      requestId: instance,
      method: null,
      route: null,
      status: 400,
      durationMilliseconds: expect.any(Number),
      problem: 'invalid-request',
    }),
  ]);
  expect(await (await fetch(`${url}/metrics`)).text()).toContain(
    'http_request_duration_seconds_count{method="other",route="none",status="400"} 1',
  );
});

test('a client that sends malformed bytes cannot keep its connection, or the app, open', async () => {
  const { app, open } = await start();
  const socket = open();
  socket.write('SSH-2.0-OpenSSH_9.6\r\n\r\n');
  // The service has closed its half; this half stays open.
  await once(socket.resume(), 'end');
  await app.close();
});

describe('the responses before CONNECT', () => {
  const connectRequest = 'CONNECT example.com:443 HTTP/1.1\r\nhost: example.com\r\n\r\n';

  test('end when the client disconnects', async () => {
    const { url } = await startBehind({});
    const arn = await startOnboarding(url);
    const openStreams = async () =>
      /^event_streams_open (\d+)$/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1];
    const socket = openSocket(url).on('error', () => undefined);
    const stream = `GET /onboarding-status/${arn} HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n\r\n`;
    socket.write(stream + stream + connectRequest);
    await vi.waitFor(async () => expect(await openStreams()).toBe('2'), { timeout: 15_000 });
    socket.destroy();
    await vi.waitFor(async () => expect(await openStreams()).toBe('0'), { timeout: 30_000 });
  });

  test('end when the client reads nothing of them for REQUEST_TIMEOUT_SECONDS', async () => {
    const { app, url } = await startBehind({}, { REQUEST_TIMEOUT_SECONDS: '0.3' });
    const socket = openUnreadSocket(url, connectRequest);
    await vi.waitFor(async () => expect(await countConnections(app.app)).toBe(1));
    await vi.waitFor(async () => expect(await countConnections(app.app)).toBe(0), {
      timeout: 30_000,
    });
    socket.destroy();
  });
});
