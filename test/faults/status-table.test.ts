import { expect, test, vi } from 'vitest';
import { startStatusTable, tableName } from '../status-table/harness.ts';
import { startApp } from '../support/app.ts';
import { callRoute } from '../support/call-route.ts';
import { startDynamoDbProxy, type TableFault } from '../support/dynamodb-proxy.ts';
import { closeAfterwards } from '../support/start-behind.ts';
import { startStepFunctionsStub } from '../support/step-functions-stub/stub.ts';

/** The service in front of a stub of Step Functions and a status table that can fail. */
async function startWithTable(executionMilliseconds: number) {
  const table = await startStatusTable({ now: Date.now });
  const proxy = await startDynamoDbProxy(table.url);
  closeAfterwards(proxy);
  const stub = await startStepFunctionsStub({ executionMilliseconds });
  closeAfterwards(stub);
  const app = await startApp(stub.url, {
    STATUS_TABLE: tableName,
    AWS_ENDPOINT_URL_DYNAMODB: proxy.url,
  });
  closeAfterwards(app);
  const startDate = new Date();

  async function start(userId: string): Promise<string> {
    const response = await callRoute(app.url, 'start', { userId });
    expect(response.outcome).toBe('202');
    return JSON.parse(response.text).executionArn;
  }

  async function status(executionArn: string, prefer = 'wait=60') {
    const response = await fetch(`${app.url}/onboarding-status/${executionArn}`, {
      headers: { prefer },
    });
    expect(response.status).toBe(200);
    return await response.json();
  }

  return {
    app,
    stub,
    proxy,
    start,
    status,
    end: (executionArn: string) =>
      table.record({
        executionArn,
        status: 'SUCCEEDED',
        startDate,
        stopDate: new Date(),
        output: '{"from":"the table"}',
      }),
    warnings: () => app.log.filter(({ level }) => level === 40).map(({ msg }) => msg),
  };
}

test('a waiting caller gets the end from the table, without DescribeExecution', async () => {
  const { stub, start, status, end, warnings } = await startWithTable(3_600_000);
  const executionArn = await start('user-88888');
  const waiting = status(executionArn);
  await end(executionArn);
  expect(await waiting).toMatchObject({ status: 'SUCCEEDED', output: '{"from":"the table"}' });
  expect(stub.calls('DescribeExecution')).toBe(0);
  expect(warnings()).toEqual([]);
});

test.each<[what: string, fault: TableFault]>([
  ['are refused', 'refused'],
  ['are throttled', 'throttled'],
  ['hang', 'hanging'],
  ['return nonsense', 'nonsense'],
])(
  'while calls to the table %s, starts and sync calls work and statuses come from DescribeExecution; then the service recovers',
  async (_what, fault) => {
    const { app, stub, proxy, start, status, end, warnings } = await startWithTable(300);
    proxy.state.fault = fault;

    const executionArn = await start('user-88888');
    expect((await callRoute(app.url, 'sync')).outcome).toBe('200');
    // The status in the stub, which the table does not have.
    expect(await status(executionArn)).toMatchObject({ status: 'SUCCEEDED' });
    expect(stub.calls('DescribeExecution')).toBeGreaterThan(0);
    // Successive failures of one operation are one log line.
    await vi.waitFor(() =>
      expect(warnings()).toContainEqual(expect.stringMatching(/^Query failed/)),
    );
    expect(new Set(warnings()).size).toBe(warnings().length);

    proxy.state.fault = 'none';
    const described = stub.calls('DescribeExecution');
    const unknown = executionArn.replace(/[^:]+$/, 'in-the-table-alone');
    await end(unknown);
    await vi.waitFor(
      async () =>
        expect(await status(unknown, '')).toMatchObject({ output: '{"from":"the table"}' }),
      {
        timeout: 20_000,
      },
    );
    expect(stub.calls('DescribeExecution') - described).toBeLessThanOrEqual(3);
  },
);
