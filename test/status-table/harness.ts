import { CreateTableCommand, DescribeTableCommand, GetItemCommand } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { onTestFinished } from 'vitest';
import { createStatusRecorder } from '../../src/functions/statuses/recorder.ts';
import { statusTableDefinition } from '../../src/status-table/definition.ts';
import { createStatusTable } from '../../src/status-table/status-table.ts';
import { createStatusTableClient } from '../../src/status-table/status-table-client.ts';
import type { Execution } from '../../src/step-functions/execution.ts';
import { listen } from '../support/listen.ts';
import { executionArnOf } from '../support/step-functions-stub/executions.ts';

export const never = new AbortController().signal;
export const tableName = 'user-onboarding-statuses';
export const startDate = new Date('2026-01-02T03:04:05.678Z');
export const stopDate = new Date('2026-01-02T03:04:06.789Z');

/** A running execution, with these changes. */
export function executionOf(name: string, changes: Partial<Execution> = {}): Execution {
  return { executionArn: executionArnOf(name), status: 'RUNNING', startDate, ...changes };
}

/** A `Clock.schedule` that runs the task at once. */
export function atOnce(_milliseconds: number, task: () => void): () => void {
  task();
  return () => undefined;
}

/** DynamoDB (dynalite) with an empty status table. The time is `clock.now`, unless `now` is given. */
export async function startStatusTable(options: { now?: () => number } = {}) {
  const database = dynalite({ createTableMs: 0 });
  const url = await listen(database);
  const client = createStatusTableClient({
    region: 'us-east-1',
    endpoint: url,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    // Long enough for a busy machine.
    timeoutMilliseconds: 60_000,
  });
  await client.send(new CreateTableCommand(statusTableDefinition(tableName)));
  const describe = new DescribeTableCommand({ TableName: tableName });
  while ((await client.send(describe)).Table?.TableStatus !== 'ACTIVE');
  onTestFinished(() => {
    client.destroy();
    database.close();
  });
  const clock = { now: stopDate.getTime() };
  const now = options.now ?? (() => clock.now);
  const recorder = createStatusRecorder(client, tableName, { epoch: now, schedule: atOnce });
  return {
    url,
    recorder,
    client,
    clock,
    table: createStatusTable(client, tableName, now),
    record: (execution: Execution, trackingId?: string) =>
      recorder.record({ execution, trackingId }),
    async item(executionArn: string) {
      const key = { id: { S: executionArn } };
      const { Item } = await client.send(new GetItemCommand({ TableName: tableName, Key: key }));
      return Item;
    },
  };
}
