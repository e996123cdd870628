import { expect, test } from 'vitest';
import { createProgressStore } from '../../../src/functions/statuses/progress.ts';
import { startStatusTable, tableName } from '../../status-table/harness.ts';

test('the progress of a run is what the next one reads', async () => {
  const { client } = await startStatusTable();
  const { read, write } = createProgressStore(client, tableName);
  expect(await read()).toBeUndefined();
  for (const progress of [
    { comparedUntil: 1000, interrupted: { until: 2000, nextToken: 'page 2' } },
    { comparedUntil: 2000 },
  ]) {
    await write(progress);
    expect(await read()).toEqual(progress);
  }
});
