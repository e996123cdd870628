import dynalite from 'dynalite';
import type { Table } from '../workflow/resources.ts';
import { callAwsJson } from './aws-json.ts';
import { type LoopbackPort, type LoopbackServer, serveOnLoopback } from './loopback-server.ts';
import { refuseBrowsers } from './refuse-browsers.ts';
import type { Json } from './states-language/execution.ts';

/** The input of CreateTable. */
export interface TableDefinition {
  readonly TableName: string;
  readonly [member: string]: Json;
}

/**
 * Starts DynamoDB with empty on-demand tables, all in memory.
 *
 * @throws {PortUnavailable}
 */
export async function startDynamoDb(
  port: LoopbackPort,
  tables: readonly TableDefinition[],
  consoleUrl: string | undefined,
): Promise<LoopbackServer> {
  const database = dynalite({ createTableMs: 0 });
  const page = {
    service: 'DynamoDB',
    command: (url: string) => `aws dynamodb list-tables --endpoint-url ${url}`,
    consoleUrl,
  };
  const server = await serveOnLoopback(
    refuseBrowsers((request, response) => {
      database.emit('request', request, response);
      // dynalite throws the request's error event, so a client that disconnects while it sends
      // would crash the process.
      request.removeAllListeners('error').on('error', () => response.destroy());
    }, page),
    port,
  );
  await using starting = new AsyncDisposableStack();
  starting.defer(() => server.close());
  await Promise.all(tables.map((table) => createTable(server.url, table)));
  starting.move();
  return server;
}

async function createTable(url: string, definition: TableDefinition): Promise<void> {
  const created = await callAwsJson(url, 'DynamoDB_20120810.CreateTable', definition);
  if (created.statusCode !== 200)
    throw new Error(`DynamoDB did not create the table ${definition.TableName}.`);
}

/** Returns the CreateTable input for a table of the workflow. */
export function tableDefinition({ name, partitionKey, sortKey }: Table) {
  const keys = [
    { AttributeName: partitionKey, KeyType: 'HASH' },
    ...(sortKey === undefined ? [] : [{ AttributeName: sortKey, KeyType: 'RANGE' }]),
  ];
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: keys.map(({ AttributeName }) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: keys,
  };
}
