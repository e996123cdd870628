import { hash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, onTestFinished, test, vi } from 'vitest';
import { listResponseSchema } from '../../src/onboarding/responses.ts';
import { executionOf, startStatusTable, tableName } from '../status-table/harness.ts';
import { startApp } from '../support/app.ts';
import { listen } from '../support/listen.ts';
import { problemIn } from '../support/requests.ts';
import { closeAfterwards } from '../support/start-behind.ts';

const unreachable = 'http://127.0.0.1:9';

async function startWithTable() {
  const table = await startStatusTable({ now: () => Date.now() });
  const app = await startApp(unreachable, {
    STATUS_TABLE: tableName,
    AWS_ENDPOINT_URL_DYNAMODB: table.url,
  });
  closeAfterwards(app);
  const get = (query: string) => fetch(`${app.url}/onboarding-status${query}`);
  const list = async (query: string) => listResponseSchema.parse(await (await get(query)).json());
  return { ...table, app, get, list };
}

const at = (minute: number) => new Date(Date.UTC(2026, 10, 1, 12, minute));

test('the list has the onboardings of a user, newest first, in pages', async () => {
  const { record, list } = await startWithTable();
  for (let minute = 0; minute < 5; minute += 1) {
    await record(executionOf(`run-${minute}`, { startDate: at(minute) }), 'user 1/ü');
  }
  const ended = {
    status: 'SUCCEEDED',
    startDate: at(9),
    stopDate: new Date(),
    output: '"x"',
  } as const;
  await record(executionOf('ended', ended), 'user 1/ü');
  await record(executionOf('of another user'), 'user 2');
  const query = `?trackingId=${encodeURIComponent('user 1/ü')}`;

  const first = await list(`${query}&limit=4`);
  expect(first.executions.map(({ startDate }) => startDate)).toEqual(
    [9, 4, 3, 2].map((minute) => at(minute).toISOString()),
  );
  expect(first.executions[0]).toEqual({
    executionArn: expect.stringMatching(/:ended$/),
    status: 'SUCCEEDED',
    startDate: at(9).toISOString(),
    stopDate: ended.stopDate.toISOString(),
  });
  const second = await list(`${query}&limit=4&cursor=${first.next}`);
  expect(second.executions).toHaveLength(2);
  expect(second.next).toBeUndefined();
  expect((await list(query)).executions).toHaveLength(6);
});

test('the list of an unknown user is empty', async () => {
  const { list } = await startWithTable();
  expect(await list('?trackingId=nobody')).toEqual({ executions: [] });
});

const cursorOf = (position: unknown) => Buffer.from(JSON.stringify(position)).toString('base64url');

test('a cursor of another user, or text that is not a cursor, gets 400', async () => {
  const { record, get, list } = await startWithTable();
  for (const name of ['a', 'b']) await record(executionOf(name), 'user-1');
  const { next } = await list('?trackingId=user-1&limit=1');
  const position = [hash('sha256', 'user-2', 'base64url'), 0];
  expect((await list(`?trackingId=user-2&cursor=${cursorOf([...position, 'arn'])}`)).next).toBe(
    undefined,
  );
  const forged = ['\ud800', '', 'x'.repeat(2049)].map((arn) => cursorOf([...position, arn]));
  for (const cursor of [next, 'nonsense', '', ...forged]) {
    const response = await get(`?trackingId=user-2&cursor=${cursor}`);
    expect(response.status).toBe(400);
    expect(await problemIn(response)).toMatchObject({
      type: '/problems/invalid-parameters',
      errors: [{ path: 'cursor' }],
    });
  }
});

test.each([
  ['', 'trackingId'],
  ['?trackingId=', 'trackingId'],
  [`?trackingId=${'x'.repeat(129)}`, 'trackingId'],
  ['?trackingId=a&limit=0', 'limit'],
  ['?trackingId=a&limit=101', 'limit'],
  ['?trackingId=a&limit=1.5', 'limit'],
  ['?trackingId=a&limit=many', 'limit'],
  ['?trackingId=a&trackingId=b', 'trackingId'],
])('the query %j gets 400 for %s', async (query, path) => {
  const { get } = await startWithTable();
  const response = await get(query);
  expect(response.status).toBe(400);
  expect((await problemIn(response)).errors).toMatchObject([{ path }]);
});

test('without a status table, the list gets 501, which names the missing setting', async () => {
  const app = await startApp(unreachable);
  closeAfterwards(app);
  const response = await fetch(`${app.url}/onboarding-status?trackingId=user-1`);
  expect(response.status).toBe(501);
  const problem = await problemIn(response);
  expect(problem.type).toBe('/problems/listing-not-configured');
  expect(problem.detail).toContain('STATUS_TABLE');
});

test('while the table cannot be reached, the list gets 503', async () => {
  const app = await startApp(unreachable, {
    STATUS_TABLE: tableName,
    AWS_ENDPOINT_URL_DYNAMODB: unreachable,
  });
  closeAfterwards(app);
  const response = await fetch(`${app.url}/onboarding-status?trackingId=user-1`);
  expect(response.status).toBe(503);
  expect((await problemIn(response)).type).toBe('/problems/status-table-unavailable');
  expect(JSON.stringify(app.log)).not.toContain('user-1');
});

test('a caller that disconnects while the table is read is logged without an error', async () => {
  const silentTable = createServer();
  const url = await listen(silentTable);
  onTestFinished(() => {
    silentTable.closeAllConnections();
    silentTable.close();
  });
  const app = await startApp(unreachable, {
    STATUS_TABLE: tableName,
    AWS_ENDPOINT_URL_DYNAMODB: url,
  });
  closeAfterwards(app);
  const caller = new AbortController();
  const gone = fetch(`${app.url}/onboarding-status?trackingId=user-1`, { signal: caller.signal });
  await once(silentTable, 'request');
  caller.abort();
  await expect(gone).rejects.toThrow('abort');
  const line = await vi.waitUntil(() => app.log.find(({ msg }) => msg.startsWith('request')));
  expect(line).toMatchObject({ level: 30, problem: 'caller-gone', abandonedByCaller: true });
});
