import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { UndiciHttpHandler } from '@smithy/undici-http-handler';

/** DynamoDB responds within some ten milliseconds; a slower table is one to do without. */
const defaultTimeoutMilliseconds = 1000;

/**
 * The client that the service reads the table with. It gives up soon, since a status can also be
 * described. It has its own connections, so that a table that does not respond holds up nothing else.
 *
 * @param options.timeoutMilliseconds to connect, and again for the response; per attempt
 */
export function createStatusTableClient(options: {
  region: string;
  endpoint?: string | undefined;
  credentials?: DynamoDBClientConfig['credentials'];
  timeoutMilliseconds?: number;
}): DynamoDBClient {
  const { region, endpoint, credentials } = options;
  const timeout = options.timeoutMilliseconds ?? defaultTimeoutMilliseconds;
  return new DynamoDBClient({
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    maxAttempts: 2,
    requestHandler: new UndiciHttpHandler({
      dispatcher: { connect: { timeout }, headersTimeout: timeout, bodyTimeout: timeout },
    }),
  });
}
