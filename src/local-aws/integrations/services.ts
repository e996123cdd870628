import type { Json, TaskIntegration } from '../states-language/execution.ts';
import { callService, type Service } from './service-call.ts';

/**
 * `dynamodb:putItem` and its kin: arguments and results in DynamoDB's own JSON, PascalCase, with
 * attribute values such as `{"S": "…"}`. See
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

/**
 * `sqs:sendMessage`. A `MessageBody` that is neither a string nor null, which SQS takes for a missing
 * one, is sent as its JSON text. See
 * https://docs.aws.amazon.com/step-functions/latest/dg/connect-sqs.html
 */
export function sqsIntegrations(url: string): Map<string, TaskIntegration> {
  const sqs: Service = {
    url,
    target: 'AmazonSQS',
    prefix: 'SQS',
    javaName: 'AmazonSQS',
    javaException: 'AmazonSQSException',
    modelledErrors: new Set([
      'InvalidMessageContents',
      'QueueDoesNotExist',
      'RequestThrottled',
      'UnsupportedOperation',
    ]),
  };
  return new Map([
    [
      'sqs:sendMessage',
      (taskArguments, signal) =>
        callService(sqs, 'SendMessage', withTextBody(taskArguments), signal),
    ],
  ]);
}

function withTextBody(taskArguments: Json): Json {
  if (taskArguments === null || typeof taskArguments !== 'object' || Array.isArray(taskArguments)) {
    return taskArguments;
  }
  const { MessageBody: body } = taskArguments;
  if (body === undefined || body === null || typeof body === 'string') return taskArguments;
  return { ...taskArguments, MessageBody: JSON.stringify(body) };
}
