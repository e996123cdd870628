import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SFNClient } from '@aws-sdk/client-sfn';

/** The deployment that a smoke test checks. */
export interface Target {
  /** Without a trailing slash. */
  readonly serviceUrl: string;
  /** An access token, if the service requires one. */
  readonly token: string | undefined;
  /** The URL of the no-code route. */
  readonly newUserUrl: string;
  readonly stepFunctions: SFNClient;
  readonly dynamoDb: DynamoDBClient;
  readonly statusTable: string;
  /** The headers of a POST of JSON to `url`, with a signature if API Gateway requires one. */
  signedHeaders(url: string, body: string): Promise<Readonly<Record<string, string>>>;
}
