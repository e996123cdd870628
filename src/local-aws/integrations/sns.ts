import { callSns } from '../sns-query.ts';
import { type Json, StatesError, type TaskIntegration } from '../states-language/execution.ts';
import { sdkMetadata } from './sdk-metadata.ts';
import { serviceError } from './service-call.ts';
import { withJsonText } from './sqs.ts';

const sns = {
  prefix: 'SNS',
  javaName: 'AmazonSNS',
  javaException: 'AmazonSNSException',
  modelledErrors: new Set([
    ...['AuthorizationError', 'EndpointDisabled', 'InternalError', 'InvalidParameter'],
    ...['InvalidParameterValue', 'NotFound', 'PlatformApplicationDisabled'],
  ]),
} as const;

/**
 * `sns:publish`. SNS uses the AWS Query protocol. A `Message` that is not a string is sent as its
 * JSON text. See https://docs.aws.amazon.com/step-functions/latest/dg/connect-sns.html
 */
export function snsIntegrations(url: string): Map<string, TaskIntegration> {
  const publish: TaskIntegration = async (taskArguments, signal) => {
    const parameters = queryParameters(withJsonText(taskArguments, 'Message'));
    const response = await callSns(url, 'Publish', parameters, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      throw new StatesError('SNS.SdkClientException', `Unable to execute HTTP request: ${error}`);
    });
    const { status, headers, elementOf } = response;
    const requestId = elementOf('RequestId');
    if (!response.ok) {
      const [code, message] = [elementOf('Code'), elementOf('Message')];
      throw serviceError(sns, { statusCode: status, code, message, requestId });
    }
    return { MessageId: elementOf('MessageId'), ...sdkMetadata(status, headers, requestId) };
  };
  return new Map([['sns:publish', Object.assign(publish, { takesToken: true })]]);
}

/** Flattens arguments into Query parameters. A map becomes numbered `entry` parameters. */
function* queryParameters(json: Json, prefix = ''): Generator<[string, string]> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return;
  for (const [member, value] of Object.entries(json)) {
    const name = `${prefix}${member}`;
    if (member === 'MessageAttributes' && typeof value === 'object' && value !== null) {
      for (const [index, [key, attribute]] of Object.entries(value).entries()) {
        yield [`${name}.entry.${index + 1}.Name`, key];
        yield* queryParameters(attribute, `${name}.entry.${index + 1}.Value.`);
      }
    } else if (value !== null) {
      yield [name, typeof value === 'string' ? value : JSON.stringify(value)];
    }
  }
}
