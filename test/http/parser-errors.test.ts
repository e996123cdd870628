import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { respondToParserError } from '../../src/http/parser-errors.ts';
import { onboardingRequest, type RunningApp, startApp } from '../support/app.ts';
import { answerFrom, openSocket } from '../support/raw-http.ts';
import { problemIn, syncPath } from '../support/requests.ts';
import { stall } from '../support/step-functions-stub/faults.ts';
import { startStepFunctionsStub } from '../support/step-functions-stub/stub.ts';

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

test('what follows a request that is being answered is not taken for its answer', async () => {
  const stub = await startStepFunctionsStub({ script: () => stall });
  const behind = await startApp(stub.url);
  const socket = openSocket(behind.url);
  const body = JSON.stringify(onboardingRequest());
  socket.write(
    `POST ${syncPath} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  await vi.waitFor(() => expect(stub.underWay()).toBe(1), { timeout: 20_000 });
  socket.write('SSH-2.0-OpenSSH_9.6\r\n\r\n');
  expect(await text(socket)).toBe('');
  await vi.waitFor(() => expect(stub.underWay()).toBe(0), { timeout: 20_000 });
  await behind.close();
  await stub.close();
});

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
  const server = createServer(limits).on('clientError', respondToParserError);
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
