import { request } from 'undici';
import type { Json } from './states-language/execution.ts';

/** A response of the AWS JSON protocol: a success or an error. */
export interface AwsJsonResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly [member: string]: Json };
}

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
  const response = await request(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': target,
      ...(userAgent && { 'user-agent': userAgent }),
      'x-amz-date': new Date().toISOString().replace(/[-:]|\.\d+/g, ''),
      // dynalite requires a signature but does not verify it.
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20250101/us-east-1/local/aws4_request, SignedHeaders=host, Signature=local',
    },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  });
  const text = await response.body.text();
  return {
    statusCode: response.statusCode,
    headers: Object.fromEntries(
      Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
    ),
    body: text === '' ? {} : JSON.parse(text),
  };
}
