import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { UndiciHttpHandler } from '@smithy/undici-http-handler';

/** Short, because DynamoDB usually takes 10 ms, and DescribeExecution is the fallback for statuses. */
const defaultTimeoutMilliseconds = 1000;

/**
 * Creates the client with which the service uses the status table. It has short timeouts, and its
 * own connections, so that an unresponsive table delays no other calls.
 *
 * @param options.timeoutMilliseconds to connect, and again to respond, for each attempt
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
