import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createFunctionClients } from '../../../src/functions/statuses/function-clients.ts';
import { executionOf, startStatusTable, stopDate, tableName } from '../../status-table/harness.ts';
import { startDynamoDbProxy, type TableFault } from '../../support/dynamodb-proxy.ts';

afterEach(() => {
  vi.useRealTimers();
});

/** The clients of the functions to a DynamoDB whose writes have these faults, in order. */
async function clientsOf(...faults: TableFault[]) {
  const database = await startStatusTable();
  const writtenAt: number[] = [];
  const proxy = await startDynamoDbProxy(database.url, (operation) => {
    if (operation !== 'UpdateItem') return 'none';
    writtenAt.push(Date.now());
    const fault = faults.shift() ?? 'none';
    // The client notices the loss 3 s later.
    if (fault === 'refused') vi.setSystemTime(Date.now() + 3000);
    return fault;
  });
  const clients = createFunctionClients(tableName, {
    dynamoDb: {
      endpoint: proxy.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    },
  });
  onTestFinished(async () => {
    clients.close();
    await proxy.close();
  });
  return { ...clients, item: database.item, writtenAt };
}

const end = executionOf('a', { status: 'FAILED', stopDate, error: 'E' });
const observation = { execution: end, trackingId: undefined };

describe('a failed write is repeated', () => {
  test('with the time of its last attempt, so that readers of changes do not miss it', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { recorder, item, writtenAt } = await clientsOf('refused', 'none');
    expect(await recorder.record(observation)).toBe(true);
    const [, second = 0] = writtenAt;
    expect(Number((await item(end.executionArn))?.changedAt?.N)).toBe(second);
  });

  test('when it gets no response', async () => {
    const { recorder, item, writtenAt } = await clientsOf('hanging', 'none');
    expect(await recorder.record(observation)).toBe(true);
    expect(await item(end.executionArn)).toBeDefined();
    expect(writtenAt).toHaveLength(2);
  });

  test('at most twice', async () => {
    const { recorder, item, writtenAt } = await clientsOf('refused', 'refused', 'refused');
    await expect(recorder.record(observation)).rejects.toMatchObject({ failure: 'unavailable' });
    expect(await item(end.executionArn)).toBeUndefined();
    expect(writtenAt).toHaveLength(3);
  });
});

test('a write that cannot succeed is not repeated', async () => {
  const { recorder, writtenAt } = await clientsOf('none');
  const keyless = { ...end, executionArn: '' };
  const attempt = recorder.record({ ...observation, execution: keyless });
  await expect(attempt).rejects.toMatchObject({ failure: 'misconfigured' });
  expect(writtenAt).toHaveLength(1);
});
