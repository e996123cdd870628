import { describe, expect, test } from 'vitest';
import {
  executionOf,
  never,
  startDate,
  startStatusTable,
  stopDate,
} from '../../status-table/harness.ts';

const running = executionOf('a');
const failed = executionOf('a', { status: 'FAILED', stopDate, error: 'E', cause: 'why' });
const redriven = executionOf('a', { redriveCount: 1 });
const succeeded = executionOf('a', {
  status: 'SUCCEEDED',
  stopDate,
  output: '{"done":true}',
  redriveCount: 1,
});
const states = [running, failed, redriven, succeeded];

/** All permutations of the numbers below n. */
function permutations(n: number): number[][] {
  if (n === 0) return [[]];
  return permutations(n - 1).flatMap((order) =>
    Array.from({ length: n }, (_, at) => order.toSpliced(at, 0, n - 1)),
  );
}

describe('the stored item', () => {
  test.each(permutations(4))(
    'is the latest state, recorded in the order %i %i %i %i',
    async (...order) => {
      const { table, record } = await startStatusTable();
      let latest = -1;
      for (const index of order) {
        const execution = states[index] ?? running;
        expect(await record(execution)).toBe(index > latest);
        expect(await record(execution)).toBe(false);
        latest = Math.max(latest, index);
        const known = await table.read([running.executionArn], never);
        expect(known.get(running.executionArn)).toEqual(states[latest]);
      }
    },
  );

  test('has the whole end: dates to the millisecond, output, error and cause', async () => {
    const { table, record } = await startStatusTable();
    const end = { ...failed, output: '', redriveCount: 3 };
    await record(end);
    expect([...(await table.read([end.executionArn], never)).values()]).toEqual([end]);
  });

  test.each([
    ['output', 'SUCCEEDED', '"'.padEnd(262_143, 'x')],
    ['output', 'SUCCEEDED', '€'.repeat(87_381)],
    ['cause', 'FAILED', '€'.repeat(32_768)],
  ] as const)('has room for the largest %s of a %s execution', async (member, status, value) => {
    const { table, record } = await startStatusTable();
    const end = executionOf('a', { status, stopDate, error: '€'.repeat(256), [member]: value });
    await record(end, '€'.repeat(128));
    expect((await table.read([end.executionArn], never)).get(end.executionArn)).toEqual(end);
  });

  test('keeps the tracking id when a later state comes without it', async () => {
    const { record, item } = await startStatusTable();
    await record(running, 'user-88888');
    await record(failed);
    expect((await item(running.executionArn))?.trackingId).toEqual({ S: 'user-88888' });
  });

  test('expires 90 days after the end, and never while the execution runs', async () => {
    const { record, item } = await startStatusTable();
    const expiresAt = async () => Number((await item(running.executionArn))?.expiresAt?.N);
    await record(running);
    expect(await expiresAt()).toBeNaN();
    await record(failed);
    expect(await expiresAt()).toBe(Math.ceil(stopDate.getTime() / 1000) + 90 * 86_400);
    await record(redriven);
    expect(await expiresAt()).toBeNaN();
  });
});

describe('a mark as lost', () => {
  test.each(states)('is replaced by the same state or a later one: %o', async (state) => {
    const { recorder, table, record, item } = await startStatusTable();
    await recorder.markLost(state);
    expect((await table.read([state.executionArn], never)).size).toBe(0);
    expect(await record(state)).toBe(true);
    expect((await table.read([state.executionArn], never)).get(state.executionArn)).toEqual(state);
    const { rank } = (await item(state.executionArn)) ?? {};
    expect(Number.isInteger(Number(rank?.N))).toBe(true);
  });

  test('of a redrive replaces the end before it', async () => {
    const { recorder, table, record } = await startStatusTable();
    await record(failed);
    await recorder.markLost(succeeded);
    expect(await record(failed)).toBe(false);
    expect((await table.read([failed.executionArn], never)).size).toBe(0);
  });

  test.each([running, failed])('does not replace a known start: %o', async (state) => {
    const { recorder, table, record } = await startStatusTable();
    await record(state);
    await recorder.markLost(failed);
    expect((await table.read([state.executionArn], never)).get(state.executionArn)).toEqual(state);
  });
});

test('an execution is forgotten unless its end is known', async () => {
  const { recorder, record, item } = await startStatusTable();
  await recorder.markLost(failed);
  await recorder.forget(failed.executionArn);
  expect(await item(failed.executionArn)).toBeUndefined();
  await record(running);
  await recorder.forget(running.executionArn);
  expect(await item(running.executionArn)).toBeUndefined();
  await record(failed);
  await recorder.forget(failed.executionArn);
  expect(await item(failed.executionArn)).toBeDefined();
});

test('only one of several writers records the same event', async () => {
  const { record } = await startStatusTable();
  const outcomes = await Promise.all([record(failed), record(failed), record(failed)]);
  expect(outcomes.filter(Boolean)).toHaveLength(1);
});

test('the indexes have running executions, and ended or redriven ones', async () => {
  const { record, item } = await startStatusTable();
  const stored = async () => {
    const { runningIn, changedIn } = (await item(running.executionArn)) ?? {};
    return { runs: runningIn !== undefined, changed: changedIn !== undefined };
  };
  await record(running);
  expect(await stored()).toEqual({ runs: true, changed: false });
  await record(failed);
  expect(await stored()).toEqual({ runs: false, changed: true });
  await record(redriven);
  expect(await stored()).toEqual({ runs: true, changed: true });
  await record(succeeded);
  expect(await stored()).toEqual({ runs: false, changed: true });
  expect((await item(running.executionArn))?.startDate?.N).toBe(String(startDate.getTime()));
});
