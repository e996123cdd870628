import {
  isObject,
  type Json,
  StatesError,
  type TaskIntegration,
} from '../states-language/execution.ts';
import { callService, type Service } from './service-call.ts';

/**
 * `sqs:sendMessage`. A `MessageBody` that is not a string is sent as its JSON text, except null:
 * SQS treats that as a missing body. See
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

/** Step Functions sends the request to the queue URL itself, so an invalid URL fails in its SDK client. */
function checkQueueUrl(taskArguments: Json): void {
  const url = isObject(taskArguments) ? taskArguments.QueueUrl : undefined;
  if (typeof url !== 'string' || URL.canParse(url)) return;
  throw new StatesError(
    'SQS.SdkClientException',
    `Unable to execute HTTP request: ${url}: Name or service not known`,
  );
}

/** Returns the arguments with one member replaced by its JSON text, unless it is a string or null. */
export function withJsonText(taskArguments: Json, member: string): Json {
  if (!isObject(taskArguments)) return taskArguments;
  const value = taskArguments[member];
  if (value === undefined || value === null || typeof value === 'string') return taskArguments;
  return { ...taskArguments, [member]: JSON.stringify(value) };
}
