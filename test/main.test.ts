import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { callRoute } from './support/call-route.ts';
import { openSocket, readResponse } from './support/raw-http.ts';
import { startServiceProcess } from './support/service-process.ts';
import { closeAfterwards } from './support/start-behind.ts';
import { late, stall } from './support/step-functions-stub/faults.ts';
import { type StubOptions, startStepFunctionsStub } from './support/step-functions-stub/stub.ts';

async function startStub(script: NonNullable<StubOptions['script']>) {
  const stub = await startStepFunctionsStub({ script });
  closeAfterwards(stub);
  const underWay = (calls: number) =>
    vi.waitFor(() => expect(stub.underWay()).toBe(calls), { timeout: 30_000 });
  return { stub, underWay };
}

const sendSync = (url: string, requests: number) =>
  Array.from({ length: requests }, (_, index) =>
    callRoute(url, 'sync', { userId: `user-${index}` }),
  );

const syncOutput = z.object({ output: z.string() });

test('after SIGTERM, requests in flight get their response, readiness is 503 and the port is free', async () => {
  const release = Promise.withResolvers<void>();
  const { stub, underWay } = await startStub(({ operation }) =>
    operation === 'StartSyncExecution' ? late(() => release.promise) : undefined,
  );
  const { url, child, exited, logged } = await startServiceProcess(stub.url);
  expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  const waiting = sendSync(url, 200);
  await underWay(200);

  const held = openSocket(url);
  await once(held, 'connect');
  held.write('GET /health/ready HTTP/1.1\r\n');
  // Once this has its response, the process has seen the line above.
  await fetch(`${url}/health/live`);
  child.kill('SIGTERM');
  await logged('stopping');
  await vi.waitFor(() => expect(isFree(url)).resolves.toBe(true), { timeout: 30_000 });
  held.write('Host: example.com\r\n\r\n');
  const readiness = await readResponse(held);
  expect(readiness.status).toBe(503);
  expect(readiness.headers.get('connection')).toBe('close');
  expect(await readiness.json()).toMatchObject({
    type: '/problems/not-ready',
    detail: 'The process is stopping.',
  });
  await expect(fetch(url)).rejects.toThrow('fetch failed');

  release.resolve();
  const responses = await Promise.all(waiting);
  const userIds = responses.map(({ outcome, text }) => {
    expect(outcome).toBe('200');
    return JSON.parse(syncOutput.parse(JSON.parse(text)).output).user.userId;
  });
  expect(userIds).toEqual(responses.map((_, index) => `user-${index}`));
  expect(await exited).toBe(0);
});

test('a signal stops the process from its first log line on', async () => {
  const preload = `
    import fs from 'node:fs';
    const { write } = fs;
    fs.write = (file, text, ...others) => {
      write(file, text, ...others);
      if (text.includes('Server listening')) process.kill(process.pid, 'SIGTERM');
    };`;
  const { exited, logged } = await startServiceProcess('http://127.0.0.1:1', {}, preload);
  expect(await exited).toBe(0);
  await logged('stopping');
});

test('during SHUTDOWN_DELAY_SECONDS, connections are still accepted and readiness is 503', async () => {
  const { stub } = await startStub(() => undefined);
  const { url, child, logged } = await startServiceProcess(stub.url, {
    SHUTDOWN_DELAY_SECONDS: '3600',
  });
  child.kill('SIGTERM');
  await logged('stopping');
  const readiness = await fetch(`${url}/health/ready`);
  expect(readiness.status).toBe(503);
  expect(readiness.headers.get('connection')).toBe('close');
  expect(await readiness.json()).toMatchObject({ detail: 'The process is stopping.' });
  const { outcome } = await callRoute(url, 'sync', { userId: 'user-1' });
  expect(outcome).toBe('200');
});

test('after SHUTDOWN_DELAY_SECONDS, the process stops', async () => {
  const { url, child, exited } = await startServiceProcess('http://127.0.0.1:1', {
    SHUTDOWN_DELAY_SECONDS: '0.2',
    SHUTDOWN_GRACE_SECONDS: '0.2',
  });
  child.kill('SIGTERM');
  expect(await exited).toBe(0);
  await expect(fetch(url)).rejects.toThrow('fetch failed');
});

test.each([
  ['without a request', ''],
  ['with half of its headers', 'POST /process-user-onboarding HTTP/1.1\r\n'],
  [
    'with half of a body',
    'POST /process-user-onboarding HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
  ],
  [
    'with half of a body that was refused',
    'POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{',
  ],
])('a connection %s does not delay the exit', async (_what, bytes) => {
  const { url, child, exited } = await startServiceProcess('http://127.0.0.1:1', {
    // Shorter than the time limits of requests, which would close the connection too.
    SHUTDOWN_GRACE_SECONDS: '3',
  });
  const held = openSocket(url);
  await once(held, 'connect');
  held.write(bytes);
  // Once this has its response, the process has seen the bytes.
  await fetch(`${url}/health/live`);
  child.kill('SIGTERM');
  expect(await exited).toBe(0);
  held.destroy();
});

test('a second signal some time later stops the process at once, and is logged', async () => {
  const { stub, underWay } = await startStub(() => stall);
  const { url, child, exited, logged } = await startServiceProcess(stub.url);
  const [lost] = sendSync(url, 1);
  const isLost = expect(lost).rejects.toThrow('fetch failed');
  await underWay(1);
  child.kill('SIGTERM');
  await logged('stopping');
  // Soon after the first, a signal counts as its repetition.
  const repeated = setInterval(() => child.kill('SIGTERM'), 50);
  expect(await exited).toBe(1);
  clearInterval(repeated);
  await logged('exiting at once');
  await isLost;
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s that arrives twice in a row counts once',
  async (signal) => {
    const release = Promise.withResolvers<void>();
    const { stub, underWay } = await startStub(() => late(() => release.promise));
    const { url, child, exited, logged } = await startServiceProcess(stub.url);
    const [waiting] = sendSync(url, 1);
    await underWay(1);
    child.kill(signal);
    await logged('stopping');
    child.kill(signal);
    // Once the port is free, the process has seen the second signal.
    await vi.waitFor(() => expect(isFree(url)).resolves.toBe(true), { timeout: 30_000 });
    release.resolve();
    expect(await waiting).toMatchObject({ outcome: '200' });
    expect(await exited).toBe(0);
  },
);

test('with SHUTDOWN_GRACE_SECONDS=0, a process without requests still exits with 0', async () => {
  const { stub } = await startStub(() => undefined);
  const { child, exited } = await startServiceProcess(stub.url, { SHUTDOWN_GRACE_SECONDS: '0' });
  child.kill('SIGTERM');
  expect(await exited).toBe(0);
});

test('a request that outlasts SHUTDOWN_GRACE_SECONDS is aborted, and the exit code is 1', async () => {
  const { stub, underWay } = await startStub(() => stall);
  const grace = { SHUTDOWN_GRACE_SECONDS: '0.1' };
  const { url, child, exited } = await startServiceProcess(stub.url, grace);
  const [lost] = sendSync(url, 1);
  const isLost = expect(lost).rejects.toThrow('fetch failed');
  await underWay(1);
  child.kill('SIGTERM');
  expect(await exited).toBe(1);
  await isLost;
});

test.each([
  ['rejection', 'Promise.reject(new Error("nobody handles this"))'],
  ['exception', 'setImmediate(() => { throw new Error("nobody handles this") })'],
])(
  'an unhandled %s is logged, and the process exits with 1 after the requests in flight',
  async (_what, code) => {
    const release = Promise.withResolvers<void>();
    const { stub, underWay } = await startStub(() => late(() => release.promise));
    const preload = `process.once('message', () => { ${code} })`;
    const { url, child, exited, logged } = await startServiceProcess(stub.url, {}, preload);
    const waiting = sendSync(url, 3);
    await underWay(3);
    child.send('now');
    const line = await logged('stopping after an unhandled error');
    expect(line).toMatchObject({ level: 60, err: { message: 'nobody handles this' } });
    release.resolve();
    const responses = (await Promise.all(waiting)).map(({ outcome }) => outcome);
    expect(responses).toEqual(['200', '200', '200']);
    expect(await exited).toBe(1);
  },
);

/** Whether the port of `url` is free. */
async function isFree(url: string): Promise<boolean> {
  const server = createServer().listen(Number(new URL(url).port), '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}

test('without STATUS_TABLE, the log says how many ended executions per second can be reported', async () => {
  const { stub } = await startStub(() => undefined);
  const { child, exited, logged } = await startServiceProcess(stub.url, { DESCRIBE_RATE: '12' });
  const { msg } = await logged('STATUS_TABLE is not set');
  expect(msg).toContain('can report the end of 12 executions per second');
  child.kill('SIGTERM');
  expect(await exited).toBe(0);
});
