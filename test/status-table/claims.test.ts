import { randomUUID } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Claims, createClaims } from '../../src/status-table/claims.ts';
import { createStatusTableClient } from '../../src/status-table/status-table-client.ts';
import type { SyncExecution } from '../../src/step-functions/sync-executions.ts';
import { startDynamoDbProxy } from '../support/dynamodb-proxy.ts';
import { startDate, startStatusTable, stopDate, tableName } from './harness.ts';

const key = { keyHash: 'hash-of-key', inputHash: 'hash-of-input' };
const hour = 3_600_000;

const outcome: SyncExecution = {
  executionArn: 'arn:aws:states:us-east-1:123456789012:express:user-onboarding-express:a:b',
  status: 'SUCCEEDED',
  startDate,
  stopDate,
  output: '{"done":true}',
  error: undefined,
  cause: undefined,
  awsRequestId: 'request-1',
};

async function startClaims() {
  const { client, clock, url } = await startStatusTable();
  return { claims: createClaims(client, tableName, () => clock.now), clock, url };
}

/** Claims the key, and returns the id of the claim. */
async function claimKey(claims: Claims): Promise<string> {
  const claimId = randomUUID();
  expect(await claims.claim(key, claimId)).toEqual({ state: 'claimed' });
  return claimId;
}

describe('a key', () => {
  test('is claimed once by concurrent claims; the others get in-use', async () => {
    const { claims } = await startClaims();
    const states = await Promise.all(
      Array.from({ length: 20 }, () => claims.claim(key, randomUUID())),
    );
    expect(states.filter(({ state }) => state === 'claimed')).toHaveLength(1);
    expect(states.filter(({ state }) => state === 'in-use')).toHaveLength(19);
  });

  test('does not affect keys with another hash', async () => {
    const { claims } = await startClaims();
    await claims.claim(key, randomUUID());
    expect(await claims.claim({ ...key, keyHash: 'other' }, randomUUID())).toMatchObject({
      state: 'claimed',
    });
  });

  test.each([
    ['succeeded', outcome],
    ['failed', { ...outcome, status: 'FAILED', output: undefined, error: 'E', cause: 'why' }],
    ['timed out', { ...outcome, status: 'TIMED_OUT', output: undefined }],
    ['has the largest output', { ...outcome, output: '"'.padEnd(262_143, '\\"') }],
    ['has the largest cause', { ...outcome, output: undefined, cause: '€'.repeat(32_768) }],
  ] as const)('returns the stored outcome of an execution that %s', async (_, settled) => {
    const { claims } = await startClaims();
    await claims.settle(key, await claimKey(claims), settled);
    for (let repeats = 0; repeats < 2; repeats += 1) {
      expect(await claims.claim(key, randomUUID())).toEqual({ state: 'settled', outcome: settled });
    }
  });

  test('settled as unknown stays unknown', async () => {
    const { claims, clock } = await startClaims();
    await claims.settle(key, await claimKey(claims), 'unknown');
    expect(await claims.claim(key, randomUUID())).toEqual({ state: 'unknown' });
    clock.now += 23 * hour;
    expect(await claims.claim(key, randomUUID())).toEqual({ state: 'unknown' });
  });

  test('with another input gets other-input, before and after the outcome', async () => {
    const { claims } = await startClaims();
    const other = { ...key, inputHash: 'other' };
    const claimId = await claimKey(claims);
    expect(await claims.claim(other, randomUUID())).toEqual({ state: 'other-input' });
    await claims.settle(key, claimId, outcome);
    expect(await claims.claim(other, randomUUID())).toEqual({ state: 'other-input' });
  });

  test('can be claimed again after its release, even with another input', async () => {
    const { claims } = await startClaims();
    await claims.release(key, await claimKey(claims));
    expect(await claims.claim({ ...key, inputHash: 'other' }, randomUUID())).toMatchObject({
      state: 'claimed',
    });
  });

  test('of a dead process is in-use while its execution could still run, then unknown', async () => {
    const { claims, clock } = await startClaims();
    await claims.claim(key, randomUUID());
    clock.now += 330_000;
    expect(await claims.claim(key, randomUUID())).toEqual({ state: 'in-use' });
    clock.now += 1;
    expect(await claims.claim(key, randomUUID())).toEqual({ state: 'unknown' });
  });

  test('can be claimed again a day after its outcome, even if DynamoDB still has the item', async () => {
    const { claims, clock } = await startClaims();
    await claims.settle(key, await claimKey(claims), outcome);
    clock.now += 24 * hour;
    expect(await claims.claim(key, randomUUID())).toMatchObject({ state: 'settled' });
    clock.now += 1000;
    expect(await claims.claim(key, randomUUID())).toMatchObject({ state: 'claimed' });
  });
});

test('a claim that was replaced settles and releases nothing', async () => {
  const { claims, clock } = await startClaims();
  const stale = await claimKey(claims);
  clock.now += 25 * hour;
  const claimId = await claimKey(claims);
  await claims.settle(key, stale, { ...outcome, output: 'stale' });
  await claims.release(key, stale);
  expect(await claims.claim(key, randomUUID())).toEqual({ state: 'in-use' });
  await claims.settle(key, claimId, outcome);
  expect(await claims.claim(key, randomUUID())).toEqual({ state: 'settled', outcome });
});

describe('when responses of the table are lost', () => {
  /** Claims through a proxy that forwards every call to the table, and loses some responses. */
  async function startLossy(isLost: (operation: string, call: number) => boolean) {
    const { url, claims, clock } = await startClaims();
    const proxy = await startDynamoDbProxy(url, (operation, call) =>
      isLost(operation, call) ? 'lost' : 'none',
    );
    const client = createStatusTableClient({
      region: 'us-east-1',
      endpoint: proxy.url,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      timeoutMilliseconds: 60_000,
    });
    onTestFinished(async () => {
      client.destroy();
      await proxy.close();
    });
    return { lossy: createClaims(client, tableName, () => clock.now), claims };
  }

  test('once, the retried claim recognises its own item', async () => {
    const { lossy, claims } = await startLossy((_, call) => call === 1);
    const claimId = await claimKey(lossy);
    await claims.settle(key, claimId, outcome);
    expect(await lossy.claim(key, randomUUID())).toEqual({ state: 'settled', outcome });
  });

  test.each([
    ['of every claim', (operation: string) => operation === 'PutItem'],
    [
      'once, and of every read of the claim',
      (operation: string, call: number) => call === 1 || operation === 'GetItem',
    ],
  ])('%s, the claim fails and can be released', async (_, isLost) => {
    const { lossy, claims } = await startLossy(isLost);
    const claimId = randomUUID();
    await expect(lossy.claim(key, claimId)).rejects.toMatchObject({
      name: 'StatusTableError',
      failure: 'unavailable',
    });
    await lossy.release(key, claimId);
    expect(await claims.claim(key, randomUUID())).toEqual({ state: 'claimed' });
  });

  test('of every settlement, settle fails but the outcome is stored', async () => {
    const { lossy, claims } = await startLossy((operation) => operation === 'UpdateItem');
    const claimId = await claimKey(lossy);
    await expect(lossy.settle(key, claimId, outcome)).rejects.toMatchObject({
      name: 'StatusTableError',
    });
    expect(await claims.claim(key, randomUUID())).toEqual({ state: 'settled', outcome });
  });
});
