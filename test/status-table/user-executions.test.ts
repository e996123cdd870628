import { expect, test } from 'vitest';
import { listUserExecutions } from '../../src/status-table/user-executions.ts';
import { executionArnOf } from '../support/step-functions-stub/executions.ts';
import { executionOf, startDate, startStatusTable, stopDate, tableName } from './harness.ts';

/** Five executions of `user-1`, numbered in order of their start, and one of `user-2`. */
async function startWithExecutions() {
  const { client, record, clock } = await startStatusTable();
  const at = (index: number) => new Date(startDate.getTime() + index * 1000);
  for (const index of [2, 0, 4, 1, 3]) {
    await record(executionOf(`e${index}`, { startDate: at(index) }), 'user-1');
  }
  await record(executionOf('other', { startDate: at(2) }), 'user-2');
  const end = { status: 'SUCCEEDED', stopDate, output: '{"secret":1}', startDate: at(1) } as const;
  await record(executionOf('e1', end), 'user-1');
  return {
    clock,
    record,
    list: (trackingId: string, page: Parameters<typeof listUserExecutions>[3]) =>
      listUserExecutions(client, tableName, trackingId, page, { now: clock.now }),
  };
}

const namesOf = ({ executions }: Awaited<ReturnType<typeof listUserExecutions>>) =>
  executions.map(({ executionArn }) => executionArn.replace(/^.*:/, ''));

test('lists the executions of a user, newest first, with their status and dates', async () => {
  const { list } = await startWithExecutions();
  const page = await list('user-1', { limit: 20 });
  expect(namesOf(page)).toEqual(['e4', 'e3', 'e2', 'e1', 'e0']);
  expect(page.next).toBeUndefined();
  expect(page.executions[3]).toEqual({
    executionArn: executionArnOf('e1'),
    status: 'SUCCEEDED',
    startDate: new Date(startDate.getTime() + 1000),
    stopDate,
  });
  expect(await list('nobody', { limit: 20 })).toEqual({ executions: [], next: undefined });
});

test.each([1, 2, 3, 4])('lists each execution once in pages of %i', async (limit) => {
  const { list } = await startWithExecutions();
  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = await list('user-1', { limit, cursor });
    pages.push(namesOf(page));
    cursor = page.next;
  } while (cursor);
  expect(pages.flat()).toEqual(['e4', 'e3', 'e2', 'e1', 'e0']);
  expect(pages.map(({ length }) => length)).toEqual(
    [limit, limit, limit, limit, limit].slice(0, pages.length - 1).concat(5 % limit || limit),
  );
});

test('a full page has no next cursor if nothing follows', async () => {
  const { list } = await startWithExecutions();
  expect((await list('user-1', { limit: 5 })).next).toBeUndefined();
});

test('expired executions are left out, and do not shorten a page', async () => {
  const { list, clock, record } = await startWithExecutions();
  const ended = { status: 'FAILED', stopDate, startDate: new Date(startDate.getTime() + 3500) };
  await record(executionOf('gone', { ...ended, status: 'FAILED' }), 'user-1');
  clock.now = stopDate.getTime() + 91 * 86_400_000;
  const page = await list('user-1', { limit: 2 });
  expect(namesOf(page)).toEqual(['e4', 'e3']);
  const { next: cursor } = page;
  expect(cursor).toBeDefined();
  expect(namesOf(await list('user-1', { limit: 2, cursor }))).toEqual(['e2', 'e0']);
});

test('the cursor of one tracking id is invalid with another', async () => {
  const { list } = await startWithExecutions();
  const { next } = await list('user-1', { limit: 2 });
  expect(next).toMatch(/^[\w-]+$/);
  await expect(list('user-2', { limit: 2, cursor: next })).rejects.toMatchObject({
    name: 'InvalidCursor',
  });
});

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const fingerprintOf = (cursor = '') => JSON.parse(Buffer.from(cursor, 'base64url').toString())[0];

test.each([
  ['empty', ''],
  ['not base64url', '%%%'],
  ['not JSON', Buffer.from('{').toString('base64url')],
  ['an object', encode({ id: 'user-2' })],
  ['too short', encode(['fingerprint'])],
])('a cursor that is %s is invalid', async (_, cursor) => {
  const { list } = await startWithExecutions();
  await expect(list('user-1', { limit: 2, cursor })).rejects.toMatchObject({
    name: 'InvalidCursor',
  });
});

test('a forged cursor cannot list executions of another user', async () => {
  const { list } = await startWithExecutions();
  const { next } = await list('user-1', { limit: 2 });
  const own = fingerprintOf(next);
  const place = [startDate.getTime() + 2000, executionArnOf('other')];
  const page = await list('user-1', { limit: 20, cursor: encode([own, ...place]) });
  expect(namesOf(page)).not.toContain('other');
  for (const forged of [
    [own, 1.5, executionArnOf('a')],
    [own, 1, ''],
    [own, 1, '€'.repeat(700)],
    [own, 'now', executionArnOf('a')],
  ]) {
    await expect(list('user-1', { limit: 2, cursor: encode(forged) })).rejects.toMatchObject({
      name: 'InvalidCursor',
    });
  }
});
