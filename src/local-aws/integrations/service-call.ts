import { type AwsJsonResponse, callAwsJson } from '../aws-json.ts';
import { type Json, StatesError } from '../states-language/execution.ts';
import { sdkMetadata } from './sdk-metadata.ts';

/** A service behind an optimised integration, and how Step Functions names its errors. */
export interface Service {
  readonly url: string;
  /** Before the operation in `X-Amz-Target`. */
  readonly target: string;
  /** Before the error's name, as in `DynamoDB.ConditionalCheckFailedException`. */
  readonly prefix: string;
  /** The service's name in the AWS SDK for Java, in causes and in the name of unmodelled errors. */
  readonly javaName: string;
  readonly javaException: string;
  /**
   * Errors that the AWS SDK for Java has a class for, without the `Exception` that ends every such
   * name. All others, `ValidationException` among them, come as `javaException`.
   */
  readonly modelledErrors: ReadonlySet<string>;
}

/**
 * Carries out a Task's call of a service once: the workflow's `Retry` decides on another attempt.
 *
 * @throws {StatesError} the service's error under the name that the optimised integration gives it
 */
export async function callService(
  service: Service,
  operation: string,
  taskArguments: Json,
  signal: AbortSignal,
): Promise<Json> {
  const response = await callAwsJson(service.url, `${service.target}.${operation}`, taskArguments, {
    signal,
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw new StatesError(
      `${service.prefix}.SdkClientException`,
      `Unable to execute HTTP request: ${error instanceof Error ? error.message : String(error)}`,
    );
  });
  const requestId = response.requestId || (response.headers['x-amz-request-id'] ?? '');
  if (response.statusCode !== 200) throw responseError(service, response, requestId);
  return { ...response.body, ...sdkMetadata(response.statusCode, response.headers, requestId) };
}

function responseError(
  service: Service,
  { statusCode, body }: AwsJsonResponse,
  requestId: string,
): StatesError {
  const type = typeof body.__type === 'string' ? body.__type : 'InternalFailure';
  const code = type.slice(type.indexOf('#') + 1);
  // DynamoDB's SerializationException has a capital.
  const message = body.message ?? body.Message;
  return serviceError(service, {
    statusCode,
    code,
    message: typeof message === 'string' ? message : '',
    requestId,
  });
}

/** A service's error under the name and with the cause that the optimised integration gives it. */
export function serviceError(
  service: Pick<Service, 'prefix' | 'javaName' | 'javaException' | 'modelledErrors'>,
  error: { statusCode: number; code: string; message: string; requestId: string },
): StatesError {
  const { statusCode, code, message, requestId } = error;
  const base = code.replace(/Exception$/, '');
  const name = service.modelledErrors.has(base) ? `${base}Exception` : service.javaException;
  return new StatesError(
    `${service.prefix}.${name}`,
    `${message} (Service: ${service.javaName}; Status Code: ${statusCode}; Error Code: ${code}; Request ID: ${requestId}; Proxy: null)`,
  );
}
