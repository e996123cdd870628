import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { answerClientError } from '../../src/http/client-error.ts';
import { type RunningApp, startApp } from '../support/app.ts';
import { answerFrom, openSocket } from '../support/raw-http.ts';
import { problemIn } from '../support/requests.ts';

let app: RunningApp;
beforeEach(async () => {
  app = await startApp('http://127.0.0.1:1');
});
afterEach(() => app.close());

test.each([20_000, 5_000_000])(
  'headers of %d bytes are refused, and the refusal arrives',
  async (bytes) => {
    const socket = openSocket(app.url);
    socket.write(
      `GET /health/live HTTP/1.1\r\nhost: localhost\r\nx-large: ${'x'.repeat(bytes)}\r\n\r\n`,
    );
    const answer = await answerFrom(socket);
    expect(answer.headers.get('connection')).toBe('close');
    expect(await problemIn(answer)).toMatchObject({
      type: '/problems/headers-too-large',
      status: 431,
    });
  },
);

test('whoever sends what is not HTTP cannot hold the connection, nor the end of the process', async () => {
  const socket = openSocket(app.url);
  socket.write('SSH-2.0-OpenSSH_9.6\r\n\r\n');
  // The other side has closed its half; this one stays open.
  await once(socket.resume(), 'end');
  await app.close();
  socket.destroy();
});

test('a request that takes too long to arrive is refused', async () => {
  const limits = { headersTimeout: 1, requestTimeout: 1, connectionsCheckingInterval: 1 };
  const server = createServer(limits).on('clientError', answerClientError);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('Not a TCP server.');
  const socket = openSocket(`http://127.0.0.1:${address.port}`);
  socket.write('POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\nhalf');
  expect(await problemIn(await answerFrom(socket))).toMatchObject({
    type: '/problems/request-timeout',
    status: 408,
  });
  server.close();
});
