import { once } from 'node:events';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type Claim, createClaims } from '../../src/status-table/claims.ts';
import { createStatusTableClient } from '../../src/status-table/client.ts';
import type { SyncExecution } from '../../src/step-functions/sync-executions.ts';
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

function idOf(claim: Claim): string {
  if (claim.state !== 'claimed') throw new Error(`expected a claim, and not ${claim.state}`);
  return claim.claimId;
}

describe('a key', () => {
  test('is claimed once, however many claim it at once', async () => {
    const { claims } = await startClaims();
    const states = await Promise.all(Array.from({ length: 20 }, () => claims.claim(key)));
    expect(states.filter(({ state }) => state === 'claimed')).toHaveLength(1);
    expect(states.filter(({ state }) => state === 'in-use')).toHaveLength(19);
  });

  test('is one for each hash', async () => {
    const { claims } = await startClaims();
    await claims.claim(key);
    expect(await claims.claim({ ...key, keyHash: 'other' })).toMatchObject({ state: 'claimed' });
  });

  test.each([
    ['succeeded', outcome],
    ['failed', { ...outcome, status: 'FAILED', output: undefined, error: 'E', cause: 'why' }],
    ['timed out', { ...outcome, status: 'TIMED_OUT', output: undefined }],
    ['has the largest output', { ...outcome, output: '"'.padEnd(262_143, '\\"') }],
    ['has the largest cause', { ...outcome, output: undefined, cause: '€'.repeat(32_768) }],
  ] as const)('gives the outcome of an execution that %s again', async (_, settled) => {
    const { claims } = await startClaims();
    await claims.settle(key, idOf(await claims.claim(key)), settled);
    for (let repeats = 0; repeats < 2; repeats += 1) {
      expect(await claims.claim(key)).toEqual({ state: 'settled', outcome: settled });
    }
  });

  test('whose outcome is unknown stays so', async () => {
    const { claims, clock } = await startClaims();
    await claims.settle(key, idOf(await claims.claim(key)), 'unknown');
    expect(await claims.claim(key)).toEqual({ state: 'unknown' });
    clock.now += 23 * hour;
    expect(await claims.claim(key)).toEqual({ state: 'unknown' });
  });

  test('that came with another input is refused, whatever became of it', async () => {
    const { claims } = await startClaims();
    const other = { ...key, inputHash: 'other' };
    const claimId = idOf(await claims.claim(key));
    expect(await claims.claim(other)).toEqual({ state: 'other-input' });
    await claims.settle(key, claimId, outcome);
    expect(await claims.claim(other)).toEqual({ state: 'other-input' });
  });

  test('that was released is free', async () => {
    const { claims } = await startClaims();
    await claims.release(key, idOf(await claims.claim(key)));
    expect(await claims.claim({ ...key, inputHash: 'other' })).toMatchObject({ state: 'claimed' });
  });

  test('whose process died is in use while it could still run, and unknown from then on', async () => {
    const { claims, clock } = await startClaims();
    await claims.claim(key);
    clock.now += 330_000;
    expect(await claims.claim(key)).toEqual({ state: 'in-use' });
    clock.now += 1;
    expect(await claims.claim(key)).toEqual({ state: 'unknown' });
  });

  test('is free a day after its outcome, although DynamoDB still has the item', async () => {
    const { claims, clock } = await startClaims();
    await claims.settle(key, idOf(await claims.claim(key)), outcome);
    clock.now += 24 * hour;
    expect(await claims.claim(key)).toMatchObject({ state: 'settled' });
    clock.now += 1000;
    expect(await claims.claim(key)).toMatchObject({ state: 'claimed' });
  });
});

test('a claim that is no longer ours settles and releases nothing', async () => {
  const { claims, clock } = await startClaims();
  const stale = idOf(await claims.claim(key));
  clock.now += 25 * hour;
  const claimId = idOf(await claims.claim(key));
  await claims.settle(key, stale, { ...outcome, output: 'stale' });
  await claims.release(key, stale);
  expect(await claims.claim(key)).toEqual({ state: 'in-use' });
  await claims.settle(key, claimId, outcome);
  expect(await claims.claim(key)).toEqual({ state: 'settled', outcome });
});

describe('a table whose response is lost', () => {
  /** Claims by way of a router that carries every call to the table, and loses some responses. */
  async function startLossy(isLost: (operation: string, call: number) => boolean) {
    const { url, claims, clock } = await startClaims();
    const calls: string[] = [];
    const router = createServer(async (request, response) => {
      const operation = String(request.headers['x-amz-target']).replace(/^.*\./, '');
      const number = calls.push(operation);
      const upstream = await fetch(url, {
        method: 'POST',
        headers: {
          'x-amz-target': String(request.headers['x-amz-target']),
          'content-type': 'application/x-amz-json-1.0',
          authorization: String(request.headers.authorization),
          'x-amz-date': String(request.headers['x-amz-date']),
        },
        body: new Uint8Array(await buffer(request)),
      });
      const body = Buffer.from(await upstream.arrayBuffer());
      if (isLost(operation, number)) response.destroy();
      else response.writeHead(upstream.status).end(body);
    });
    router.listen(0, '127.0.0.1');
    await once(router, 'listening');
    const address = router.address();
    const client = createStatusTableClient({
      region: 'us-east-1',
      endpoint: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      timeoutMilliseconds: 60_000,
    });
    onTestFinished(() => {
      client.destroy();
      router.closeAllConnections();
      router.close();
    });
    return { lossy: createClaims(client, tableName, () => clock.now), claims, calls };
  }

  test('once: the claim is ours all the same', async () => {
    const { lossy, claims } = await startLossy((_, call) => call === 1);
    const claimId = idOf(await lossy.claim(key));
    await claims.settle(key, claimId, outcome);
    expect(await lossy.claim(key)).toEqual({ state: 'settled', outcome });
  });

  test('for good: nothing may be started, and the next attempt finds the key free', async () => {
    const { lossy, claims, calls } = await startLossy((operation) => operation === 'PutItem');
    await expect(lossy.claim(key)).rejects.toMatchObject({
      name: 'StatusTableError',
      failure: 'unavailable',
    });
    await vi.waitFor(() => expect(calls).toContain('DeleteItem'), { timeout: 30_000 });
    await vi.waitFor(
      async () => expect(await claims.claim(key)).toMatchObject({ state: 'claimed' }),
      { timeout: 30_000 },
    );
  });

  test('to settle: the outcome is stored all the same', async () => {
    const { lossy, claims } = await startLossy((operation) => operation === 'UpdateItem');
    const claimId = idOf(await lossy.claim(key));
    await expect(lossy.settle(key, claimId, outcome)).rejects.toMatchObject({
      name: 'StatusTableError',
    });
    expect(await claims.claim(key)).toEqual({ state: 'settled', outcome });
  });
});
