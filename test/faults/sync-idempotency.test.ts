import { expect, test, vi } from 'vitest';
import { startStatusTable, tableName } from '../status-table/harness.ts';
import { type Environment, startApp } from '../support/app.ts';
import { callRoute } from '../support/call-route.ts';
import { startDynamoDbProxy } from '../support/dynamodb-proxy.ts';
import { closeAfterwards } from '../support/start-behind.ts';
import { awsError, late, resetAfter, stall } from '../support/step-functions-stub/faults.ts';
import { type StubOptions, startStepFunctionsStub } from '../support/step-functions-stub/stub.ts';
import { chance } from './chance.ts';

const withKey = (key = 'signup-1') => ({ headers: { 'idempotency-key': `"${key}"` } });

/** The service in front of a stub of Step Functions, with a status table. */
async function startWithTable(options: StubOptions = {}, settings: Environment = {}) {
  const table = await startStatusTable();
  const stub = await startStepFunctionsStub(options);
  closeAfterwards(stub);
  const startAnother = async (more: Environment = {}) => {
    const app = await startApp(stub.url, {
      STATUS_TABLE: tableName,
      AWS_ENDPOINT_URL_DYNAMODB: table.url,
      ...settings,
      ...more,
    });
    closeAfterwards(app);
    return app;
  };
  const app = await startAnother();
  return {
    table,
    stub,
    app,
    url: app.url,
    startAnother,
    started: () => stub.calls('StartSyncExecution'),
  };
}

/** Repeats the request while its key is in use. */
async function retryWhileInUse(url: string, key?: string) {
  for (;;) {
    const response = await callRoute(url, 'sync', withKey(key));
    if (response.outcome !== '409 idempotency-key-in-use') return response;
    expect(response.headers.has('retry-after')).toBe(true);
  }
}

test('a repeated request gets the outcome of the first, without another execution', async () => {
  const { url, started } = await startWithTable();
  const first = await callRoute(url, 'sync', withKey());
  expect(first.outcome).toBe('200');
  expect(first.headers.has('idempotent-replayed')).toBe(false);
  const again = await retryWhileInUse(url);
  expect(again).toMatchObject({ outcome: '200', text: first.text });
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect(started()).toBe(1);
});

test('a repeated request also gets the outcome of a failed execution', async () => {
  const { url, started } = await startWithTable({ syncOutcome: { status: 'FAILED' } });
  expect((await callRoute(url, 'sync', withKey())).outcome).toBe('400 workflow-failed');
  const again = await retryWhileInUse(url);
  expect(again.outcome).toBe('400 workflow-failed');
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect(started()).toBe(1);
});

test('another request with the same key gets 422, and another key starts another execution', async () => {
  const { url, started } = await startWithTable();
  await callRoute(url, 'sync', withKey());
  const other = await callRoute(url, 'sync', { ...withKey(), userId: 'user-2' });
  expect(other.outcome).toBe('422 idempotency-key-reused');
  expect((await callRoute(url, 'sync', withKey('signup-2'))).outcome).toBe('200');
  expect(started()).toBe(2);
});

test('while the first request runs, others get 409 with Retry-After from every process', async () => {
  const release = Promise.withResolvers<void>();
  const { url, started, startAnother } = await startWithTable({
    script: () => late(() => release.promise),
  });
  const beside = await startAnother();
  const first = callRoute(url, 'sync', withKey());
  await vi.waitFor(() => expect(started()).toBe(1), { timeout: 30_000 });
  for (const each of [url, beside.url]) {
    const second = await callRoute(each, 'sync', withKey());
    expect(second.outcome).toBe('409 idempotency-key-in-use');
    expect(second.headers.has('retry-after')).toBe(true);
  }
  release.resolve();
  const { text } = await first;
  expect((await retryWhileInUse(beside.url)).text).toBe(text);
  expect(started()).toBe(1);
});

test('20 concurrent requests to two processes start one execution', async () => {
  const { url, started, startAnother } = await startWithTable();
  const beside = await startAnother();
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, (_, index) => retryWhileInUse(index % 2 ? url : beside.url)),
  );
  expect(new Set(outcomes.map(({ outcome, text }) => `${outcome} ${text}`)).size).toBe(1);
  expect(started()).toBe(1);
});

test('a caller that disconnects does not end the execution, and its retry gets the outcome', async () => {
  const release = Promise.withResolvers<void>();
  const { url, started } = await startWithTable({ script: () => late(() => release.promise) });
  const caller = new AbortController();
  const gone = callRoute(url, 'sync', { ...withKey(), signal: caller.signal });
  await vi.waitFor(() => expect(started()).toBe(1), { timeout: 30_000 });
  caller.abort();
  await expect(gone).rejects.toThrow('abort');
  release.resolve();
  const again = await retryWhileInUse(url);
  expect(again.outcome).toBe('200');
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect(started()).toBe(1);
});

test.each([
  ['502 outcome-unknown', 'a lost response', {}, resetAfter],
  ['504 sync-deadline-exceeded', 'the deadline', { SYNC_TIMEOUT_SECONDS: '0.05' }, stall],
])(
  'after %s because of %s, the key gets 502 and starts nothing',
  async (outcome, _what, settings, fault) => {
    const { url, started } = await startWithTable({ script: () => fault }, settings);
    expect((await callRoute(url, 'sync', withKey())).outcome).toBe(outcome);
    for (let repeat = 0; repeat < 3; repeat += 1) {
      expect((await retryWhileInUse(url)).outcome).toBe('502 outcome-unknown');
    }
    expect(started()).toBe(1);
  },
);

test.each(['ThrottlingException', 'AccessDeniedException', 'InvalidExecutionInput'])(
  'after %s, which started nothing, the key can be used again',
  async (name) => {
    const { url } = await startWithTable({
      script: ({ attempt }) => (attempt <= 3 ? awsError(name) : undefined),
    });
    const first = await callRoute(url, 'sync', withKey());
    expect(first.status).toBeGreaterThanOrEqual(500);
    await vi.waitFor(async () => {
      expect((await retryWhileInUse(url)).outcome).toBe('200');
    });
  },
);

test('a request beyond the capacity starts nothing, and its key can be used again', async () => {
  const release = Promise.withResolvers<void>();
  const { url, started } = await startWithTable(
    { script: ({ attempt }) => (attempt === 1 ? late(() => release.promise) : undefined) },
    { MAX_SYNC_EXECUTIONS: '1' },
  );
  const within = callRoute(url, 'sync');
  await vi.waitFor(() => expect(started()).toBe(1), { timeout: 30_000 });
  expect((await callRoute(url, 'sync', withKey())).outcome).toBe('503 sync-capacity-exhausted');
  release.resolve();
  await within;
  expect((await retryWhileInUse(url)).outcome).toBe('200');
});

test('while the table cannot be reached, a request with a key gets 503 and starts nothing', async () => {
  const { url, started } = await startWithTable(
    {},
    { AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:9' },
  );
  const refused = await callRoute(url, 'sync', withKey());
  expect(refused.outcome).toBe('503 status-table-unavailable');
  expect(refused.headers.has('retry-after')).toBe(true);
  expect(started()).toBe(0);
  expect((await callRoute(url, 'sync')).outcome).toBe('200');
});

test('a key whose claim and release fail is free again once the table responds', async () => {
  const { url, table, started, startAnother } = await startWithTable();
  // The claim is written, its responses are lost, and the table refuses the first release.
  const proxy = await startDynamoDbProxy(table.url, (operation, call) => {
    if (operation === 'PutItem') return 'lost';
    return call <= 5 ? 'refused' : 'none';
  });
  closeAfterwards(proxy);
  const behindProxy = await startAnother({ AWS_ENDPOINT_URL_DYNAMODB: proxy.url });
  const failed = await callRoute(behindProxy.url, 'sync', withKey());
  expect(failed.outcome).toBe('503 status-table-unavailable');
  expect(started()).toBe(0);
  expect(behindProxy.log.map(({ msg }) => msg)).toContain(
    'The write for an Idempotency-Key failed; retrying it',
  );
  await vi.waitFor(
    async () => expect((await callRoute(url, 'sync', withKey())).outcome).toBe('200'),
    { timeout: 30_000 },
  );
});

test('a repeated request gets an output of 256 KiB', async () => {
  const { url } = await startWithTable({
    syncOutcome: { output: JSON.stringify('é'.repeat(131_000)) },
  });
  const first = await callRoute(url, 'sync', withKey());
  expect(first.text.length).toBeGreaterThan(131_000);
  expect((await retryWhileInUse(url)).text).toBe(first.text);
});

test('before it stops, a process stores the outcome for a caller that disconnected', async () => {
  const release = Promise.withResolvers<void>();
  const { app, url, started, startAnother } = await startWithTable({
    script: () => late(() => release.promise),
  });
  const beside = await startAnother();
  const caller = new AbortController();
  const gone = callRoute(url, 'sync', { ...withKey(), signal: caller.signal });
  await vi.waitFor(() => expect(started()).toBe(1), { timeout: 30_000 });
  caller.abort();
  await expect(gone).rejects.toThrow('abort');
  const closing = app.close();
  release.resolve();
  await closing;
  expect((await callRoute(beside.url, 'sync', withKey())).outcome).toBe('200');
  expect(started()).toBe(1);
});

test('300 keys on two processes start 300 executions, though 30 % of the responses are lost', async () => {
  const { stub, url, startAnother } = await startWithTable({
    script: ({ key }) => (chance(7, key) < 0.3 ? resetAfter : undefined),
  });
  const beside = await startAnother();
  const outcomes = await Promise.all(
    Array.from({ length: 300 }, async (_, index) => {
      const request = { ...withKey(`key-${index}`), userId: `user-${index}` };
      const seen = new Set<string>();
      for (const each of [url, beside.url, url, beside.url]) {
        const { outcome, text } = await callRoute(each, 'sync', request);
        if (outcome !== '409 idempotency-key-in-use')
          seen.add(`${outcome} ${withoutInstance(text)}`);
      }
      return seen;
    }),
  );
  // Every request for a key got the same outcome.
  expect(outcomes.filter((seen) => seen.size !== 1)).toEqual([]);
  expect(stub.calls('StartSyncExecution')).toBe(300);
  expect(stub.syncExecutions()).toBe(300);
});

/** The problem without the id of its request. */
const withoutInstance = (text: string) => text.replace(/"instance":"[^"]*"/, '');
