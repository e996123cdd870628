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
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: signature },
      body: new URLSearchParams([
        ['Action', 'Publish'],
        ['Version', '2010-03-31'],
        ...queryParameters(withJsonText(taskArguments, 'Message')),
      ]),
      signal,
    }).catch((error: unknown) => {
      signal.throwIfAborted();
      throw new StatesError('SNS.SdkClientException', `Unable to execute HTTP request: ${error}`);
    });
    const xml = await response.text();
    const requestId = elementOf(xml, 'RequestId');
    if (!response.ok) {
      const [code, message] = [elementOf(xml, 'Code'), elementOf(xml, 'Message')];
      throw serviceError(sns, { statusCode: response.status, code, message, requestId });
    }
    const headers = Object.fromEntries(response.headers);
    return {
      MessageId: elementOf(xml, 'MessageId'),
      ...sdkMetadata(response.status, headers, requestId),
    };
  };
  return new Map([['sns:publish', Object.assign(publish, { takesToken: true })]]);
}

/** fauxqs reads the Region from the signature and does not verify it. */
const signature =
  'AWS4-HMAC-SHA256 Credential=local/20250101/us-east-1/sns/aws4_request, SignedHeaders=host, Signature=local';

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

const entities: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&amp;': '&',
};

function elementOf(xml: string, name: string): string {
  const content = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '';
  return content.replaceAll(/&(?:lt|gt|quot|apos|amp);/g, (entity) => entities[entity] ?? entity);
}
