import { expect, test } from 'vitest';
import { createStatusRecorder } from '../../src/functions/statuses/recorder.ts';
import { runningExecutions } from '../../src/functions/statuses/running-executions.ts';
import { createStatusTable } from '../../src/status-table/status-table.ts';
import type { Execution } from '../../src/step-functions/execution.ts';
import { createRandom } from '../execution-statuses/harness.ts';
import { executionOf, startStatusTable, stopDate, tableName } from '../status-table/harness.ts';
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
    createStatusRecorder(client, tableName, { now, sleep: async () => undefined }),
  ];

  for (let step = 0; step < 40; step += 1) {
    clock.now += Math.floor(3000 * random());
    const execution = anyState(random);
    if (random() < 0.1) {
      await recorder.forget(execution);
      await real.recorder.forget(execution);
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

function anyState(random: () => number): Execution {
  const name = 'abcd'.charAt(Math.floor(4 * random()));
  const redriveCount = Math.floor(3 * random());
  if (random() < 0.4) return executionOf(name, { redriveCount });
  return executionOf(name, { redriveCount, status: 'FAILED', stopDate, error: 'E' });
}
