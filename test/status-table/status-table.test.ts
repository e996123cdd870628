import { createServer, type RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createStatusTable } from '../../src/status-table/status-table.ts';
import { createStatusTableClient } from '../../src/status-table/status-table-client.ts';
import { listen } from '../support/listen.ts';
import { executionArnOf } from '../support/step-functions-stub/executions.ts';
import { executionOf, never, startStatusTable, stopDate, tableName } from './harness.ts';

const namesFrom = (count: number) => Array.from({ length: count }, (_, index) => `e${index}`);

/** A table with scripted responses. */
async function tableThat(respond: RequestListener, timeoutMilliseconds = 60_000) {
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    bodies.push(await text(request));
    respond(request, response);
  });
  const client = createStatusTableClient({
    region: 'us-east-1',
    endpoint: await listen(server),
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    timeoutMilliseconds,
  });
  onTestFinished(() => {
    client.destroy();
    server.closeAllConnections();
    server.close();
  });
  return { table: createStatusTable(client, tableName, () => 0), bodies };
}

describe('a read', () => {
  test('returns each existing execution once', async () => {
    const { table, record } = await startStatusTable();
    await record(executionOf('a'));
    const found = await table.read(['a', 'b', 'a'].map(executionArnOf), never);
    expect([...found]).toEqual([[executionArnOf('a'), executionOf('a')]]);
    expect(await table.read([], never)).toEqual(new Map());
  });

  test('may have more executions than one BatchGetItem allows', async () => {
    const { table, record } = await startStatusTable();
    const names = namesFrom(750);
    await Promise.all(names.map((name) => record(executionOf(name))));
    const found = await table.read(names.map(executionArnOf), never);
    expect(found.size).toBe(750);
  });

  test('repeats the call for items that did not fit into the response', async () => {
    const { table, record } = await startStatusTable();
    const names = namesFrom(20);
    const end = { status: 'SUCCEEDED', stopDate, output: 'x'.repeat(250_000) } as const;
    for (const name of names) await record(executionOf(name, end));
    const found = await table.read(names.map(executionArnOf), never);
    expect(found.size).toBe(20);
  });

  test('leaves out expired items that DynamoDB still has', async () => {
    const { table, record, clock } = await startStatusTable();
    await record(executionOf('a', { status: 'SUCCEEDED', stopDate }));
    const read = async () => (await table.read([executionArnOf('a')], never)).size;
    clock.now = stopDate.getTime() + 90 * 86_400_000;
    expect(await read()).toBe(1);
    clock.now += 1000;
    expect(await read()).toBe(0);
  });
});

describe('changes', () => {
  const ended = (name: string) => executionOf(name, { status: 'SUCCEEDED', stopDate });

  test('are ends and redrives from the given time on, oldest first', async () => {
    const { table, record, clock } = await startStatusTable();
    const begin = clock.now;
    await record(executionOf('a'));
    await record(executionOf('b', { status: 'FAILED', stopDate }));
    clock.now = begin + 3_000;
    await record(ended('c'));
    clock.now = begin + 25_000;
    await record(executionOf('b', { redriveCount: 1 }));
    const change = (name: string, rank: number, after: number) => {
      return { executionArn: executionArnOf(name), rank, changedAt: begin + after };
    };
    const c = change('c', 1, 3_000);
    const b = change('b', 2, 25_000);
    expect(await table.changesSince(begin, never)).toEqual([c, b]);
    expect(await table.changesSince(begin + 3_000, never)).toEqual([c, b]);
    expect(await table.changesSince(begin + 3_001, never)).toEqual([b]);
    expect(await table.changesSince(begin + 25_001, never)).toEqual([]);
  });

  test('have the time of their write, so late events are included', async () => {
    const { table, record, clock } = await startStatusTable();
    clock.now = stopDate.getTime() + 3_600_000;
    await record(ended('a'));
    expect(await table.changesSince(clock.now, never)).toHaveLength(1);
  });

  test('come from all pages of the response', async () => {
    const end = (name: string) => ({
      id: { S: executionArnOf(name) },
      rank: { N: '1' },
      changedAt: { N: '1' },
    });
    const { table, bodies } = await tableThat((_, response) => {
      const isFirst = bodies.length === 1;
      const page = {
        Items: [end(isFirst ? 'a' : 'b')],
        ...(isFirst && { LastEvaluatedKey: end('a') }),
      };
      response.end(JSON.stringify(page));
    });
    const changes = await table.changesSince(0, never);
    expect(changes.map(({ executionArn }) => executionArn)).toEqual(['a', 'b'].map(executionArnOf));
    expect(bodies[1]).toContain('ExclusiveStartKey');
  });
});

describe('the failure of a call', () => {
  const refuse =
    (status: number, type: string): RequestListener =>
    (_, response) =>
      response.writeHead(status).end(JSON.stringify({ __type: `com.amazonaws#${type}` }));

  test.each([
    ['throttled', 400, 'ProvisionedThroughputExceededException'],
    ['throttled', 400, 'ThrottlingException'],
    ['throttled', 400, 'RequestLimitExceeded'],
    ['unavailable', 500, 'InternalServerError'],
    ['unavailable', 503, 'ServiceUnavailable'],
    ['misconfigured', 400, 'ResourceNotFoundException'],
    ['misconfigured', 400, 'AccessDeniedException'],
    ['misconfigured', 400, 'UnrecognizedClientException'],
    ['misconfigured', 400, 'ValidationException'],
    ['unforeseen', 400, 'SomethingNewException'],
  ])('is %s for %i %s', async (failure, status, type) => {
    const { table } = await tableThat(refuse(status, type));
    const error = expect.objectContaining({ name: 'StatusTableError', failure });
    await expect(table.read([executionArnOf('a')], never)).rejects.toEqual(error);
    await expect(table.changesSince(0, never)).rejects.toEqual(error);
  });

  test('is unavailable after two attempts without a response', async () => {
    const { table, bodies } = await tableThat(() => undefined, 50);
    await expect(table.read([executionArnOf('a')], never)).rejects.toMatchObject({
      failure: 'unavailable',
    });
    expect(bodies).toHaveLength(2);
  });

  test.each([
    ['a broken connection', (_, response) => response.destroy()],
    ['the page of a proxy', (_, response) => response.writeHead(200).end('<html>')],
  ] satisfies [string, RequestListener][])('is unavailable for %s', async (_, respond) => {
    const { table } = await tableThat(respond);
    await expect(table.read([executionArnOf('a')], never)).rejects.toMatchObject({
      failure: 'unavailable',
    });
  });

  test('is throttled for a response without any of the items', async () => {
    const { table, bodies } = await tableThat((_, response) => {
      const Keys = [{ id: { S: executionArnOf('a') } }];
      response.end(JSON.stringify({ Responses: {}, UnprocessedKeys: { [tableName]: { Keys } } }));
    });
    await expect(table.read([executionArnOf('a')], never)).rejects.toMatchObject({
      failure: 'throttled',
    });
    expect(bodies).toHaveLength(1);
  });

  test('is aborted after the signal aborts', async () => {
    const controller = new AbortController();
    const { table } = await tableThat(() => controller.abort());
    const { signal } = controller;
    await expect(table.read([executionArnOf('a')], signal)).rejects.toMatchObject({
      failure: 'aborted',
    });
    await expect(table.changesSince(0, signal)).rejects.toMatchObject({
      failure: 'aborted',
    });
  });
});
