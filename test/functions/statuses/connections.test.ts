import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { connect } from '../../../src/functions/statuses/connections.ts';
import { executionOf, startStatusTable, stopDate, tableName } from '../../status-table/harness.ts';

afterEach(() => {
  vi.useRealTimers();
});

/** What happens to a call: it is carried out, loses its connection, or gets no response. */
type Fate = 'done' | 'lost' | 'stuck';

/** The connections of the functions to a DynamoDB whose writes meet these fates, in order. */
async function connectTo(...fates: Fate[]) {
  const database = await startStatusTable();
  const writtenAt: number[] = [];
  const proxy = createServer((incoming, response) => {
    const isWrite = incoming.headers['x-amz-target']?.toString().endsWith('UpdateItem');
    const fate = isWrite ? fates.shift() : 'done';
    if (isWrite) writtenAt.push(Date.now());
    if (fate === 'stuck') return;
    if (fate === 'lost') {
      // The client notices the loss 3 s later.
      vi.setSystemTime(Date.now() + 3000);
      incoming.socket.destroy();
      return;
    }
    const { method, url, headers } = incoming;
    const { hostname, port } = new URL(database.url);
    const outgoing = request({ hostname, port, method, path: url, headers }, (received) => {
      response.writeHead(received.statusCode ?? 500, received.headers);
      received.pipe(response);
    });
    incoming.pipe(outgoing);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = proxy.address();
  const connections = connect(tableName, {
    dynamoDb: {
      endpoint: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    },
  });
  onTestFinished(() => {
    connections.close();
    proxy.close();
    proxy.closeAllConnections();
  });
  return { ...connections, item: database.item, writtenAt };
}

const end = executionOf('a', { status: 'FAILED', stopDate, error: 'E' });
const observation = { execution: end, trackingId: undefined };

describe('a failed write is repeated', () => {
  test('with the time of its last attempt, so that readers of changes do not miss it', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { recorder, item, writtenAt } = await connectTo('lost', 'done');
    expect(await recorder.record(observation)).toBe(true);
    const [, second = 0] = writtenAt;
    expect(Number((await item(end.executionArn))?.changedAt?.N)).toBe(second);
  });

  test('when it gets no response', async () => {
    const { recorder, item, writtenAt } = await connectTo('stuck', 'done');
    expect(await recorder.record(observation)).toBe(true);
    expect(await item(end.executionArn)).toBeDefined();
    expect(writtenAt).toHaveLength(2);
  });

  test('at most twice', async () => {
    const { recorder, item, writtenAt } = await connectTo('lost', 'lost', 'lost');
    await expect(recorder.record(observation)).rejects.toMatchObject({ failure: 'unavailable' });
    expect(await item(end.executionArn)).toBeUndefined();
    expect(writtenAt).toHaveLength(3);
  });
});

test('a write that cannot succeed is not repeated', async () => {
  const { recorder, writtenAt } = await connectTo('done');
  const keyless = { ...end, executionArn: '' };
  const attempt = recorder.record({ ...observation, execution: keyless });
  await expect(attempt).rejects.toMatchObject({ failure: 'misconfigured' });
  expect(writtenAt).toHaveLength(1);
});
