import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SFNClient } from '@aws-sdk/client-sfn';

/** What a smoke test is run against. */
export interface Target {
  /** Without a slash at the end. */
  readonly serviceUrl: string;
  /** An access token for the service, where it asks for one. */
  readonly token: string | undefined;
  /** The whole URL of the no-code route. */
  readonly newUserUrl: string;
  readonly stepFunctions: SFNClient;
  readonly dynamoDb: DynamoDBClient;
  readonly statusTable: string;
  /** The headers of a POST of JSON to `url`, with its signature where API Gateway asks for one. */
  signedHeaders(url: string, body: string): Promise<Readonly<Record<string, string>>>;
}
