import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startApp } from '../support/app.ts';
import { ask } from '../support/ask.ts';
import { closeAfterwards, startBehind } from '../support/start-behind.ts';
import { late, stall } from '../support/step-functions-stub/faults.ts';
import {
  type StepFunctionsStub,
  startStepFunctionsStub,
} from '../support/step-functions-stub/stub.ts';

const underWay = (stub: StepFunctionsStub, calls: number) =>
  vi.waitFor(() => expect(stub.underWay()).toBe(calls), { timeout: 20_000 });

test('the deadline ends the call, and its connection is freed', async () => {
  const { stub, url } = await startBehind(
    { script: () => stall },
    { SYNC_TIMEOUT_SECONDS: '0.05' },
  );
  const { answer, text } = await ask(url, 'sync');
  expect(answer).toBe('504 sync-deadline-exceeded');
  expect(JSON.parse(text).detail).toContain('It may still finish');
  await underWay(stub, 0);
});

test('the deadline need not be a whole number of milliseconds', async () => {
  const { url } = await startBehind({}, { SYNC_TIMEOUT_SECONDS: '64.1' });
  expect((await ask(url, 'sync')).answer).toBe('200');
});

test('a caller who hangs up ends the call, frees its connection and makes room', async () => {
  const { stub, app, url } = await startBehind(
    { script: ({ key }) => (key.includes('impatient') ? stall : undefined) },
    { MAX_SYNC_EXECUTIONS: '1' },
  );
  const caller = new AbortController();
  const gone = ask(url, 'sync', { userId: 'impatient', signal: caller.signal });
  await underWay(stub, 1);
  expect((await ask(url, 'sync')).answer).toBe('503 sync-capacity-exhausted');
  caller.abort();
  await expect(gone).rejects.toThrow('abort');
  await underWay(stub, 0);
  expect((await ask(url, 'sync')).answer).toBe('200');
  expect(stub.calls('StartSyncExecution')).toBe(2);
  expect(app.log.filter(({ abandonedByCaller }) => abandonedByCaller)).toMatchObject([
    { level: 30, status: 499, problem: 'caller-gone' },
  ]);
});

test('beyond the capacity nothing is sent, and the answer comes at once', async () => {
  const release = Promise.withResolvers<void>();
  const { stub, url } = await startBehind(
    { script: () => late(() => release.promise) },
    { MAX_SYNC_EXECUTIONS: '3' },
  );
  const within = Array.from({ length: 3 }, () => ask(url, 'sync'));
  await underWay(stub, 3);
  const beyond = await ask(url, 'sync');
  expect(beyond.answer).toBe('503 sync-capacity-exhausted');
  expect(beyond.headers.get('retry-after')).toBe('1');
  expect(stub.calls('StartSyncExecution')).toBe(3);
  release.resolve();
  expect((await Promise.all(within)).map(({ answer }) => answer)).toEqual(['200', '200', '200']);
  expect((await ask(url, 'sync')).answer).toBe('200');
});

test('starts and statuses do not notice how many sync executions are waited for', async () => {
  const release = Promise.withResolvers<void>();
  const { stub, url } = await startBehind({
    script: ({ operation }) =>
      operation === 'StartSyncExecution' ? late(() => release.promise) : undefined,
  });
  const waiting = Array.from({ length: 200 }, () => ask(url, 'sync'));
  await underWay(stub, 200);
  const started = await ask(url, 'start');
  expect(started.answer).toBe('202');
  const { executionArn } = JSON.parse(started.text);
  const status = await fetch(`${url}/onboarding-status/${executionArn}`);
  expect(await status.json()).toMatchObject({ status: 'RUNNING', executionArn });
  expect(stub.underWay()).toBe(200);
  release.resolve();
  const answers = (await Promise.all(waiting)).map(({ answer }) => answer);
  expect(new Set(answers)).toEqual(new Set(['200']));
});

test('a connection that was refused is tried again, as nothing was sent', async () => {
  const port = await freePort();
  const app = await startApp(`http://127.0.0.1:${port}`);
  closeAfterwards(app);
  const refused = Promise.withResolvers<void>();
  // undici tells of it while the SDK still waits to try again.
  subscribe('undici:client:connectError', () => refused.resolve());
  const answer = ask(app.url, 'sync');
  await refused.promise;
  const stub = await startStepFunctionsStub({ port });
  closeAfterwards(stub);
  expect((await answer).answer).toBe('200');
  expect(stub.calls('StartSyncExecution')).toBe(1);
});

test.each<[string, number, (socket: Socket) => void]>([
  ['breaks off', 3, (socket) => socket.end()],
  ['is reset', 3, (socket) => socket.resetAndDestroy()],
  // That would not get better.
  ['is no handshake', 1, (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
])('where the TLS handshake %s nothing was sent, after %i tries', async (_what, tries, react) => {
  let handshakes = 0;
  const server = createServer((socket) => {
    handshakes += 1;
    socket.on('error', () => undefined).once('data', () => react(socket));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const app = await startApp(`https://127.0.0.1:${portOf(server)}`);
  closeAfterwards(app);
  expect((await ask(app.url, 'sync')).answer).toBe('503 step-functions-unavailable');
  expect(handshakes).toBe(tries);
});

test.each(['FAILED', 'TIMED_OUT'])('a workflow that %s is a 400 that says why', async (status) => {
  const { url } = await startBehind({
    script: () => ({
      isCarriedOut: true,
      answer(response, answer) {
        const body = { ...Object(answer?.body), status, error: 'Refused', cause: 'Because.' };
        response.writeHead(200).end(JSON.stringify(body));
      },
    }),
  });
  const { answer, text } = await ask(url, 'sync');
  expect(answer).toBe('400 workflow-failed');
  expect(JSON.parse(text)).toMatchObject({
    error: 'Refused',
    cause: 'Because.',
    executionStatus: status,
    executionArn: expect.stringContaining(':express:'),
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return port;
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

test('a workflow may take longer than any other call', async () => {
  const release = Promise.withResolvers<void>();
  const { stub, url } = await startBehind(
    {
      script: ({ operation }) =>
        operation === 'StartSyncExecution' ? late(() => release.promise) : stall,
    },
    { STEP_FUNCTIONS_TIMEOUT_SECONDS: '0.05' },
  );
  const waiting = ask(url, 'sync');
  await underWay(stub, 1);
  // It came later, and has been given up by then, three times.
  expect((await ask(url, 'start')).answer).toBe('503 step-functions-unavailable');
  release.resolve();
  expect((await waiting).answer).toBe('200');
});

test('an answered sync execution leaves no deadline behind', async () => {
  const { url } = await startBehind({});
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  await ask(url, 'sync');
  const before = timers();
  for (let i = 0; i < 20; i += 1) expect((await ask(url, 'sync')).answer).toBe('200');
  expect(timers()).toBeLessThan(before + 20);
});
