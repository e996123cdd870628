import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Json } from './states-language/execution.ts';

/** A response of the AWS JSON protocol: a success or an error. */
export interface AwsJsonResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly requestId: string;
  readonly body: { readonly [member: string]: Json };
}

const agent = new Agent({ keepAlive: true });

/**
 * Calls an operation of a local AWS service. `body` is in the service's wire format, with binary
 * values in Base64. (An SDK client would encode those a second time and drop members it does not
 * know.)
 *
 * @param target the `X-Amz-Target` header, such as `DynamoDB_20120810.PutItem`
 * @throws if the connection fails, or an `AbortError` if `signal` is aborted
 */
export async function callAwsJson(
  url: string,
  target: string,
  body: Json,
  { signal, userAgent }: { readonly signal?: AbortSignal; readonly userAgent?: string } = {},
): Promise<AwsJsonResponse> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, {
      method: 'POST',
      agent,
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': target,
        ...(userAgent && { 'user-agent': userAgent }),
        'x-amz-date': new Date().toISOString().replace(/[-:]|\.\d+/g, ''),
        // dynalite requires a signature but does not verify it.
        authorization:
          'AWS4-HMAC-SHA256 Credential=local/20250101/us-east-1/local/aws4_request, SignedHeaders=host, Signature=local',
      },
      ...(signal && { signal }),
    })
      .on('response', resolve)
      .on('error', reject)
      .end(JSON.stringify(body));
  });
  const responseBody = await text(response);
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
  );
  return {
    statusCode: response.statusCode ?? 0,
    headers,
    requestId: headers['x-amzn-requestid'] ?? '',
    body: responseBody === '' ? {} : JSON.parse(responseBody),
  };
}
