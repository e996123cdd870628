import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Environment, onboardingRequest, type RunningApp, startApp } from '../support/app.ts';
import { openSocket, readResponse } from '../support/raw-http.ts';
import { post, problemIn, startPath, syncPath } from '../support/requests.ts';
import { late } from '../support/step-functions-stub/faults.ts';
import { startStepFunctionsStub } from '../support/step-functions-stub/stub.ts';

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of closing.splice(0).reverse()) await each.close();
});

async function start(
  settings: Environment = {},
  stepFunctionsUrl = 'http://127.0.0.1:1',
): Promise<RunningApp> {
  const app = await startApp(stepFunctionsUrl, settings);
  closing.push(app);
  return app;
}

describe('a connection on which nothing is sent for too long is closed', () => {
  const settings = { REQUEST_TIMEOUT_SECONDS: '0.3' };

  test.each([
    ['nothing', ''],
    ['half a header', 'GET / HTTP/1.1\r\nhost: loc'],
    [
      'half a body',
      `POST ${startPath} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\nhalf`,
    ],
  ])('%s', async (_what, sent) => {
    const { url } = await start(settings);
    const socket = openSocket(url);
    socket.write(sent);
    expect((await problemIn(await readResponse(socket))).status).toBe(408);
  });

  test('also where something arrives all the time, but too slowly', async () => {
    const { url } = await start(settings);
    const socket = openSocket(url);
    socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n');
    const drip = setInterval(() => socket.write('x-header: value\r\n'), 20);
    const received = await text(socket);
    clearInterval(drip);
    socket.destroy();
    expect(received).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('but not while an answer is waited for', async () => {
    const release = Promise.withResolvers<void>();
    const stub = await startStepFunctionsStub({ script: () => late(() => release.promise) });
    closing.push(stub);
    const { url } = await start(settings, stub.url);
    const waiting = post(`${url}${syncPath}`, onboardingRequest());
    await vi.waitFor(() => expect(stub.underWay()).toBe(1));
    // One that came later, and sends nothing, is cut off by then.
    expect((await readResponse(openSocket(url))).status).toBe(408);
    release.resolve();
    expect((await waiting).status).toBe(200);
  });

  test('between two requests', async () => {
    const { url } = await start({ KEEP_ALIVE_SECONDS: '1' });
    const socket = openSocket(url);
    socket.write('GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await once(socket.resume(), 'end');
    socket.destroy();
  });
});
