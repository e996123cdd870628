import dynalite from 'dynalite';
import { callAwsJson } from './aws-json.ts';
import {
  type LoopbackPort,
  type LoopbackServer,
  refuseBrowsers,
  serveOnLoopback,
} from './loopback-server.ts';

/**
 * Starts DynamoDB with an empty on-demand table whose keys are the strings `PK` and `SK`. All is
 * held in memory.
 *
 * @throws {PortUnavailable}
 */
export async function startDynamoDb(
  port: LoopbackPort,
  tableName: string,
): Promise<LoopbackServer> {
  const database = dynalite({ createTableMs: 0 });
  const server = await serveOnLoopback(
    refuseBrowsers((request, response) => {
      database.emit('request', request, response);
      // dynalite throws what goes wrong with a request, so a client that hangs up while it sends
      // would end the process.
      request.removeAllListeners('error').on('error', () => response.destroy());
    }),
    port,
  );
  const created = await callAwsJson(server.url, 'DynamoDB_20120810.CreateTable', {
    TableName: tableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'PK', AttributeType: 'S' },
      { AttributeName: 'SK', AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: 'PK', KeyType: 'HASH' },
      { AttributeName: 'SK', KeyType: 'RANGE' },
    ],
  });
  if (created.statusCode !== 200) throw new Error(`DynamoDB made no table ${tableName}.`);
  return server;
}
