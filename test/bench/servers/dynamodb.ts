import { createServer, type IncomingMessage } from 'node:http';
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { z } from 'zod';
import { statusTableDefinition } from '../../../src/status-table/definition.ts';
import { listen } from '../../support/listen.ts';
import { serveCalls } from '../remote-calls.ts';
import { awsAccess, statusTableName } from '../status-table.ts';

// DynamoDB with a status table. It listens on one port for the service and on another for the
// functions, to count the calls of the service.
const database = dynalite({ createTableMs: 0 });

/** The calls by operation, and the number of keys in BatchGetItem. */
const countsSchema = z.record(z.string(), z.object({ calls: z.int(), keys: z.int() }));
type Counts = z.infer<typeof countsSchema>;

async function startListener(counts: Counts): Promise<string> {
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
    count(counts, request);
    database.emit('request', request, response);
    request.removeAllListeners('error').on('error', () => response.destroy());
  });
  return listen(server, { backlog: 4096 });
}

function count(counts: Counts, request: IncomingMessage): void {
  const operation = String(request.headers['x-amz-target']).replace(/.*\./, '');
  const counted = counts[operation] ?? { calls: 0, keys: 0 };
  counts[operation] = counted;
  counted.calls += 1;
  if (operation !== 'BatchGetItem') return;
  request.on('data', (chunk: Buffer) => {
    counted.keys += chunk.toString('latin1').split('"id"').length - 1;
  });
}

const service: Counts = {};
const serviceUrl = await startListener(service);
const functionsUrl = await startListener({});
const client = new DynamoDBClient({ ...awsAccess, endpoint: functionsUrl });
await client.send(new CreateTableCommand(statusTableDefinition(statusTableName)));
const describe = new DescribeTableCommand({ TableName: statusTableName });
while ((await client.send(describe)).Table?.TableStatus !== 'ACTIVE');
client.destroy();

serveCalls({
  urls: () => ({ service: serviceUrl, functions: functionsUrl }),
  /** The calls of the service since the last call of this function. */
  calls() {
    const counts = structuredClone(service);
    for (const operation of Object.keys(service)) delete service[operation];
    return counts;
  },
});
