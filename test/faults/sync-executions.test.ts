import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startApp } from '../support/app.ts';
import { callRoute } from '../support/call-route.ts';
import { listen } from '../support/listen.ts';
import { closeAfterwards, startBehind } from '../support/start-behind.ts';
import { late, stall } from '../support/step-functions-stub/faults.ts';
import {
  type StepFunctionsStub,
  startStepFunctionsStub,
} from '../support/step-functions-stub/stub.ts';

const underWay = (stub: StepFunctionsStub, calls: number) =>
  vi.waitFor(() => expect(stub.underWay()).toBe(calls), { timeout: 20_000 });

test('the deadline ends the call and closes its connection', async () => {
  const { stub, url } = await startBehind(
    { script: () => stall },
    { SYNC_TIMEOUT_SECONDS: '0.05' },
  );
  const { outcome, text } = await callRoute(url, 'sync');
  expect(outcome).toBe('504 sync-deadline-exceeded');
  expect(JSON.parse(text).detail).toContain('It may still finish');
  await underWay(stub, 0);
});

test('the deadline need not be a whole number of milliseconds', async () => {
  const { url } = await startBehind({}, { SYNC_TIMEOUT_SECONDS: '64.1' });
  expect((await callRoute(url, 'sync')).outcome).toBe('200');
});

test('a caller that disconnects ends the call, closes its connection and frees its capacity', async () => {
  const { stub, app, url } = await startBehind(
    { script: ({ key }) => (key.includes('impatient') ? stall : undefined) },
    { MAX_SYNC_EXECUTIONS: '1' },
  );
  const caller = new AbortController();
  const gone = callRoute(url, 'sync', { userId: 'impatient', signal: caller.signal });
  await underWay(stub, 1);
  expect((await callRoute(url, 'sync')).outcome).toBe('503 sync-capacity-exhausted');
  caller.abort();
  await expect(gone).rejects.toThrow('abort');
  await underWay(stub, 0);
  expect((await callRoute(url, 'sync')).outcome).toBe('200');
  expect(stub.calls('StartSyncExecution')).toBe(2);
  expect(app.log.filter(({ abandonedByCaller }) => abandonedByCaller)).toMatchObject([
    { level: 30, status: 499, problem: 'caller-gone' },
  ]);
});

test('beyond the capacity, a request gets 503 at once and nothing is sent', async () => {
  const release = Promise.withResolvers<void>();
  const { stub, url } = await startBehind(
    { script: () => late(() => release.promise) },
    { MAX_SYNC_EXECUTIONS: '3' },
  );
  const within = Array.from({ length: 3 }, () => callRoute(url, 'sync'));
  await underWay(stub, 3);
  const beyond = await callRoute(url, 'sync');
  expect(beyond.outcome).toBe('503 sync-capacity-exhausted');
  expect(beyond.headers.get('retry-after')).toBe('1');
  expect(stub.calls('StartSyncExecution')).toBe(3);
  release.resolve();
  expect((await Promise.all(within)).map(({ outcome }) => outcome)).toEqual(['200', '200', '200']);
  expect((await callRoute(url, 'sync')).outcome).toBe('200');
});

test('starts and statuses respond while 200 sync executions are in flight', async () => {
  const release = Promise.withResolvers<void>();
  const { stub, url } = await startBehind({
    script: ({ operation }) =>
      operation === 'StartSyncExecution' ? late(() => release.promise) : undefined,
  });
  const waiting = Array.from({ length: 200 }, () => callRoute(url, 'sync'));
  await underWay(stub, 200);
  const started = await callRoute(url, 'start');
  expect(started.outcome).toBe('202');
  const { executionArn } = JSON.parse(started.text);
  const status = await fetch(`${url}/onboarding-status/${executionArn}`);
  expect(await status.json()).toMatchObject({ status: 'RUNNING', executionArn });
  expect(stub.underWay()).toBe(200);
  release.resolve();
  const responses = (await Promise.all(waiting)).map(({ outcome }) => outcome);
  expect(new Set(responses)).toEqual(new Set(['200']));
});

test('a refused connection is retried, as nothing was sent', async () => {
  const port = await freePort();
  const app = await startApp(`http://127.0.0.1:${port}`);
  closeAfterwards(app);
  const refused = Promise.withResolvers<void>();
  // undici reports it before the SDK's next attempt.
  subscribe('undici:client:connectError', () => refused.resolve());
  const response = callRoute(app.url, 'sync');
  await refused.promise;
  const stub = await startStepFunctionsStub({ port });
  closeAfterwards(stub);
  expect((await response).outcome).toBe('200');
  expect(stub.calls('StartSyncExecution')).toBe(1);
});

test.each<[string, number, (socket: Socket) => void]>([
  ['closes the connection', 3, (socket) => socket.end()],
  ['resets the connection', 3, (socket) => socket.resetAndDestroy()],
  // A retry would not help.
  ['does not speak TLS', 1, (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
])(
  'the sync route responds 503 when the other side of a TLS handshake %s (attempts: %i)',
  async (_what, attempts, react) => {
    let handshakes = 0;
    const server = createServer((socket) => {
      handshakes += 1;
      socket.on('error', () => undefined).once('data', () => react(socket));
    });
    onTestFinished(() => void server.close());
    const app = await startApp((await listen(server)).replace('http:', 'https:'));
    closeAfterwards(app);
    expect((await callRoute(app.url, 'sync')).outcome).toBe('503 step-functions-unavailable');
    expect(handshakes).toBe(attempts);
  },
);

test.each(['FAILED', 'TIMED_OUT'])(
  'a %s execution gives 400 with its error and cause',
  async (status) => {
    const { url } = await startBehind({
      script: () => ({
        isCarriedOut: true,
        respond(response, normal) {
          const body = { ...Object(normal?.body), status, error: 'Refused', cause: 'Because.' };
          response.writeHead(200).end(JSON.stringify(body));
        },
      }),
    });
    const { outcome, text } = await callRoute(url, 'sync');
    expect(outcome).toBe('400 workflow-failed');
    expect(JSON.parse(text)).toMatchObject({
      error: 'Refused',
      cause: 'Because.',
      executionStatus: status,
      executionArn: expect.stringContaining(':express:'),
    });
  },
);

async function freePort(): Promise<number> {
  const server = createServer();
  const { port } = new URL(await listen(server));
  server.close();
  await once(server, 'close');
  return Number(port);
}

test('a sync execution may take longer than STEP_FUNCTIONS_TIMEOUT_SECONDS', async () => {
  const release = Promise.withResolvers<void>();
  const { stub, url } = await startBehind(
    {
      script: ({ operation }) =>
        operation === 'StartSyncExecution' ? late(() => release.promise) : stall,
    },
    { STEP_FUNCTIONS_TIMEOUT_SECONDS: '0.05' },
  );
  const waiting = callRoute(url, 'sync');
  await underWay(stub, 1);
  // All three attempts of this later call have timed out by now.
  expect((await callRoute(url, 'start')).outcome).toBe('503 step-functions-unavailable');
  release.resolve();
  expect((await waiting).outcome).toBe('200');
});

test('a sync execution leaves no timer behind', async () => {
  const { url } = await startBehind({});
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  await callRoute(url, 'sync');
  const before = timers();
  for (let i = 0; i < 20; i += 1) expect((await callRoute(url, 'sync')).outcome).toBe('200');
  expect(timers()).toBeLessThan(before + 20);
});
