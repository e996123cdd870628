import { expect, test } from 'vitest';
import { createStatusRecorder } from '../../src/functions/statuses/recorder.ts';
import { runningExecutions } from '../../src/functions/statuses/running-executions.ts';
import { createClaims } from '../../src/status-table/claims.ts';
import { createStatusTable } from '../../src/status-table/status-table.ts';
import type { Execution } from '../../src/step-functions/execution.ts';
import { createRandom } from '../execution-statuses/harness.ts';
import {
  atOnce,
  executionOf,
  startDate,
  startStatusTable,
  stopDate,
  tableName,
} from '../status-table/harness.ts';
import { simulateDynamoDb } from './simulated-dynamodb.ts';

const arns = ['a', 'b', 'c', 'd'].map((name) => executionOf(name).executionArn);

test('returns what dynalite returns after the same random writes', async () => {
  const random = createRandom(7);
  const real = await startStatusTable();
  const { clock } = real;
  const { client } = simulateDynamoDb({
    clock: { now: () => clock.now, sleep: async () => undefined },
    pageSize: 2,
  });
  const now = () => clock.now;
  const [table, recorder] = [
    createStatusTable(client, tableName, now),
    createStatusRecorder(client, tableName, { epoch: now, schedule: atOnce }),
  ];

  for (let step = 0; step < 40; step += 1) {
    clock.now += Math.floor(3000 * random());
    const execution = anyState(random);
    const choice = random();
    if (choice < 0.1) {
      await recorder.forget(execution.executionArn);
      await real.recorder.forget(execution.executionArn);
    } else if (choice < 0.2) {
      await recorder.markLost(execution);
      await real.recorder.markLost(execution);
    } else {
      const observation = { execution, trackingId: random() < 0.5 ? 'user-88888' : undefined };
      expect(await recorder.record(observation)).toBe(await real.recorder.record(observation));
    }
    expect(await table.read(arns)).toEqual(await real.table.read(arns));
    const since = clock.now - 15_000;
    expect(await table.changesSince(since)).toEqual(await real.table.changesSince(since));
  }
  expect(await runningExecutions(client, tableName, clock.now)).toEqual(
    await runningExecutions(real.client, tableName, clock.now),
  );
});

test('responds as dynalite does to any sequence of operations on keys', async () => {
  const random = createRandom(11);
  const real = await startStatusTable();
  const { clock } = real;
  const now = () => clock.now;
  const { client } = simulateDynamoDb({ clock: { now, sleep: async () => undefined } });
  const both = [createClaims(client, tableName, now), createClaims(real.client, tableName, now)];
  const hour = 3_600_000;

  for (let step = 0; step < 60; step += 1) {
    // Once in a while beyond the longest execution, or until a key expires.
    clock.now += [1000, 400_000, 25 * hour][Math.floor(3 * random() ** 2)] ?? 0;
    const inputHash = random() < 0.9 ? 'one' : 'other';
    const key = { keyHash: random() < 0.5 ? 'a' : 'b', inputHash };
    const [simulated, expected] = await Promise.all(
      both.map((each) => each.claim(key, `claim-${step}`)),
    );
    expect(simulated).toEqual(expected);
    // This claim, or an earlier one.
    const claimId = `claim-${step - Math.floor(3 * random())}`;
    const choice = random();
    for (const each of both) {
      if (choice < 0.3) await each.release(key, claimId);
      else if (choice < 0.4) await each.settle(key, claimId, 'unknown');
      else if (choice < 0.6) await each.settle(key, claimId, outcome);
    }
  }
});

const outcome = {
  executionArn: 'arn:aws:states:us-east-1:123456789012:express:user-onboarding-express:a:b',
  status: 'FAILED',
  startDate,
  stopDate,
  error: 'E',
  awsRequestId: undefined,
} as const;

function anyState(random: () => number): Execution {
  const name = 'abcd'.charAt(Math.floor(4 * random()));
  const redriveCount = Math.floor(3 * random());
  if (random() < 0.4) return executionOf(name, { redriveCount });
  return executionOf(name, { redriveCount, status: 'FAILED', stopDate, error: 'E' });
}
