import { type AwsJsonResponse, callAwsJson } from '../aws-json.ts';
import { type Json, StatesError } from '../states-language/execution.ts';
import { sdkMetadata } from './sdk-metadata.ts';

/** A service behind an optimised integration, and how Step Functions names its errors. */
export interface Service {
  readonly url: string;
  /** The part of `X-Amz-Target` before the operation. */
  readonly target: string;
  /** The part of the error name before the dot, as in `DynamoDB.ConditionalCheckFailedException`. */
  readonly prefix: string;
  /** The name of the service in the AWS SDK for Java, which appears in causes. */
  readonly javaName: string;
  /** The name of every error that the AWS SDK for Java has no class for, such as ValidationException. */
  readonly javaException: string;
  /** The errors that the AWS SDK for Java has a class for, without the suffix `Exception`. */
  readonly modelledErrors: ReadonlySet<string>;
}

/**
 * Calls a service once for a Task. There is no retry here: that is up to the state's `Retry`.
 *
 * @throws {StatesError} the service's error, named as the optimised integration names it
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
  // DynamoDB's SerializationException spells it with a capital.
  const message = body.message ?? body.Message;
  return serviceError(service, {
    statusCode,
    code,
    message: typeof message === 'string' ? message : '',
    requestId,
  });
}

/** Returns a service's error with the name and the cause that the optimised integration gives it. */
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
