import {
  isObject,
  type Json,
  StatesError,
  type TaskIntegration,
} from '../states-language/execution.ts';
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
  const sendMessage: TaskIntegration = async (taskArguments, signal) => {
    checkQueueUrl(taskArguments);
    return callService(sqs, 'SendMessage', withJsonText(taskArguments, 'MessageBody'), signal);
  };
  return new Map([['sqs:sendMessage', Object.assign(sendMessage, { takesToken: true })]]);
}

/** SQS is called at the queue's own URL, which has to be one. */
function checkQueueUrl(taskArguments: Json): void {
  const url = isObject(taskArguments) ? taskArguments.QueueUrl : undefined;
  if (typeof url !== 'string' || URL.canParse(url)) return;
  throw new StatesError(
    'SQS.SdkClientException',
    `Unable to execute HTTP request: ${url}: Name or service not known`,
  );
}

/** A member that is neither a string nor null is sent as its JSON text. */
export function withJsonText(taskArguments: Json, member: string): Json {
  if (!isObject(taskArguments)) return taskArguments;
  const value = taskArguments[member];
  if (value === undefined || value === null || typeof value === 'string') return taskArguments;
  return { ...taskArguments, [member]: JSON.stringify(value) };
}
