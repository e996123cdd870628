import type { TaskIntegration } from '../states-language/execution.ts';
import { callService, type Service } from './service-call.ts';

/**
 * `dynamodb:putItem`, `getItem`, `updateItem` and `deleteItem`. Arguments and results are
 * DynamoDB's own JSON: PascalCase, with attribute values such as `{"S": "…"}`. See
 * https://docs.aws.amazon.com/step-functions/latest/dg/connect-ddb.html
 */
export function dynamoDbIntegrations(url: string): Map<string, TaskIntegration> {
  const dynamoDb: Service = {
    url,
    target: 'DynamoDB_20120810',
    prefix: 'DynamoDB',
    javaName: 'AmazonDynamoDBv2',
    javaException: 'AmazonDynamoDBException',
    modelledErrors: new Set([
      'ConditionalCheckFailed',
      'InternalServerError',
      'ItemCollectionSizeLimitExceeded',
      'ProvisionedThroughputExceeded',
      'RequestLimitExceeded',
      'ResourceNotFound',
      'Throttling',
      'TransactionConflict',
    ]),
  };
  const call =
    (operation: string): TaskIntegration =>
    (taskArguments, signal) =>
      callService(dynamoDb, operation, taskArguments, signal);
  return new Map([
    ['dynamodb:putItem', call('PutItem')],
    ['dynamodb:getItem', call('GetItem')],
    ['dynamodb:updateItem', call('UpdateItem')],
    ['dynamodb:deleteItem', call('DeleteItem')],
  ]);
}
