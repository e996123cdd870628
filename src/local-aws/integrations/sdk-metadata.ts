import type { Json } from '../states-language/execution.ts';

/**
 * Returns the members that Step Functions adds to the result of an optimised integration. They come
 * from the AWS SDK for Java.
 */
export function sdkMetadata(
  statusCode: number,
  headers: Readonly<Record<string, string>>,
  requestId: string,
): { SdkHttpMetadata: Json; SdkResponseMetadata: Json } {
  return {
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, [value]]),
      ),
      HttpHeaders: { ...headers },
      HttpStatusCode: statusCode,
    },
    SdkResponseMetadata: { RequestId: requestId },
  };
}
