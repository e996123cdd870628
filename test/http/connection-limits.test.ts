import { text } from 'node:stream/consumers';
import { describe, expect, test, vi } from 'vitest';
import { onboardingRequest } from '../support/app.ts';
import {
  countConnections,
  openSocket,
  openUnreadSocket,
  readResponse,
  readResponses,
} from '../support/raw-http.ts';
import { post, problemIn, startOnboarding, startPath, syncPath } from '../support/requests.ts';
import { startBehind, startUnconnected } from '../support/start-behind.ts';
import { late } from '../support/step-functions-stub/faults.ts';

describe('a connection is closed', () => {
  const settings = { REQUEST_TIMEOUT_SECONDS: '0.3' };

  test.each([
    ['the request', ''],
    ['the headers', 'GET / HTTP/1.1\r\nhost: loc'],
    [
      'the body',
      `POST ${startPath} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\nhalf`,
    ],
  ])(
    'with 408 when the rest of %s does not come within REQUEST_TIMEOUT_SECONDS',
    async (_what, sent) => {
      const { url } = await startUnconnected(settings);
      const socket = openSocket(url);
      socket.write(sent);
      expect((await problemIn(await readResponse(socket))).status).toBe(408);
    },
  );

  test('with 408 when headers arrive all the time, but too slowly', async () => {
    const { url } = await startUnconnected(settings);
    const socket = openSocket(url);
    socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n');
    const drip = setInterval(() => socket.write('x-header: value\r\n'), 20);
    const received = await text(socket);
    clearInterval(drip);
    socket.destroy();
    expect(received).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('but not while the service works on the response', async () => {
    const release = Promise.withResolvers<void>();
    const { stub, url } = await startBehind(
      { script: () => late(() => release.promise) },
      settings,
    );
    const waiting = post(`${url}${syncPath}`, onboardingRequest());
    await vi.waitFor(() => expect(stub.underWay()).toBe(1));
    // Waits until a later connection that sends nothing has been closed.
    expect((await readResponse(openSocket(url))).status).toBe(408);
    release.resolve();
    expect((await waiting).status).toBe(200);
  });

  test('when the next request does not come within KEEP_ALIVE_SECONDS', async () => {
    const { url } = await startUnconnected({ KEEP_ALIVE_SECONDS: '1' });
    const socket = openSocket(url);
    socket.write('GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n');
    // Resolves when the service closes the connection.
    const response = await readResponse(socket);
    expect(response.status).toBe(200);
    expect(response.headers.get('connection')).toBe('keep-alive');
  });

  test('when its client reads nothing of a response for REQUEST_TIMEOUT_SECONDS', async () => {
    const { app, url } = await startUnconnected(settings);
    const socket = openUnreadSocket(url);
    await vi.waitFor(async () => expect(await countConnections(app)).toBe(1));
    await vi.waitFor(async () => expect(await countConnections(app)).toBe(0), { timeout: 30_000 });
    socket.destroy();
  });

  test('when it has more than 100 requests without a response, and further ones are not handled', async () => {
    const { app, url } = await startBehind({});
    const quick = 'GET /health/live HTTP/1.1\r\nhost: localhost\r\n';
    const modest = openSocket(url);
    modest.write(`${`${quick}\r\n`.repeat(99)}${quick}connection: close\r\n\r\n`);
    expect(await readResponses(modest)).toHaveLength(100);

    const arn = await startOnboarding(url);
    const held = `GET /onboarding-status/${arn} HTTP/1.1\r\nhost: localhost\r\nprefer: wait=60\r\n\r\n`;
    const socket = openSocket(url).on('error', () => undefined);
    socket.allowHalfOpen = false;
    socket.resume().write(held.repeat(150));
    await new Promise((resolve) => socket.once('close', resolve));
    await vi.waitFor(() =>
      expect(app.log.filter(({ abandonedByCaller }) => abandonedByCaller)).toHaveLength(100),
    );
  });
});
