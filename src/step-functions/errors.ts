import { ServiceException } from '@smithy/core/client';
import type { ResponseMetadata } from '@smithy/types';
import { detailsOf } from './aws-message.ts';
import { ConnectFailure } from './connect-failure.ts';

/**
 * Why a call failed, by what to do about it:
 * - `throttled`: refused because of a rate or a quota; retry later
 * - `unavailable`: Step Functions is unreachable or failing; retry later
 * - `misconfigured`: refused because of our settings or permissions; an operator must act
 * - `not-found`: the execution does not exist
 * - `already-exists`: the name of the execution is taken
 * - `outcome-unknown`: the call may have been carried out; do not repeat it
 * - `deadline-exceeded`: the call took too long; it may still be carried out
 * - `capacity-exhausted`: not sent, because too many such calls are in flight
 * - `aborted`: aborted by the caller
 * - `unforeseen`: anything else
 */
export type StepFunctionsFailure =
  | 'throttled'
  | 'unavailable'
  | 'misconfigured'
  | 'not-found'
  | 'already-exists'
  | 'outcome-unknown'
  | 'deadline-exceeded'
  | 'capacity-exhausted'
  | 'aborted'
  | 'unforeseen';

/** A call to Step Functions failed. `cause` is the error of the SDK. */
export class StepFunctionsError extends Error {
  override readonly name = 'StepFunctionsError';
  readonly failure: StepFunctionsFailure;

  constructor(failure: StepFunctionsFailure, cause?: unknown) {
    super(failure, { cause });
    this.failure = failure;
  }
}

/** For `catch` on a call of the SDK: throws its error as a {@link StepFunctionsError}. */
export function throwStepFunctionsError(error: unknown): never {
  throw new StepFunctionsError(failureOf(error), error);
}

/** The response lacks members that the service model requires, so a proxy may have sent it. */
export class IncompleteResponse extends Error {
  override readonly name = 'IncompleteResponse';
}

// Error names from the service model, from signature checks of AWS services in general, and from
// AWS STS, which may provide the credentials.
const failureByName: Readonly<Record<string, StepFunctionsFailure>> = {
  ThrottlingException: 'throttled',
  Throttling: 'throttled',
  TooManyRequestsException: 'throttled',
  RequestLimitExceeded: 'throttled',
  ExecutionLimitExceeded: 'throttled',
  KmsThrottlingException: 'throttled',
  AccessDenied: 'misconfigured',
  AccessDeniedException: 'misconfigured',
  CredentialsProviderError: 'misconfigured',
  ExpiredTokenException: 'misconfigured',
  IncompleteSignature: 'misconfigured',
  InvalidArn: 'misconfigured',
  InvalidClientTokenId: 'misconfigured',
  InvalidIdentityTokenException: 'misconfigured',
  InvalidSignatureException: 'misconfigured',
  KmsAccessDeniedException: 'misconfigured',
  KmsInvalidStateException: 'misconfigured',
  MissingAuthenticationToken: 'misconfigured',
  MissingAuthenticationTokenException: 'misconfigured',
  OptInRequired: 'misconfigured',
  SignatureDoesNotMatch: 'misconfigured',
  StateMachineDeleting: 'misconfigured',
  StateMachineDoesNotExist: 'misconfigured',
  StateMachineTypeNotSupported: 'misconfigured',
  UnrecognizedClientException: 'misconfigured',
  ExecutionDoesNotExist: 'not-found',
  ExecutionAlreadyExists: 'already-exists',
  AbortError: 'aborted',
  IncompleteResponse: 'unavailable',
};

/**
 * Classifies an error of a call that is safe to repeat. Responses that do not come from Step
 * Functions are `unavailable`.
 */
export function failureOf(error: unknown): StepFunctionsFailure {
  if (error instanceof StepFunctionsError) return error.failure;
  if (!(error instanceof Error)) return 'unforeseen';
  const known = failureByName[error.name];
  if (known) return known;
  const status = httpStatusOf(error);
  if (status === undefined) return isNetworkError(error) ? 'unavailable' : 'unforeseen';
  if (status === 429) return 'throttled';
  // Otherwise it is the response of a proxy, or a truncated response.
  const isFromAws = error instanceof ServiceException && error.name !== 'Unknown';
  return status >= 500 || !isFromAws ? 'unavailable' : 'unforeseen';
}

/**
 * Whether an error proves that Step Functions did not carry out the call: the connection could not
 * be opened, or the response was a 4xx.
 */
export function wasNotCarriedOut(error: unknown): boolean {
  const status = httpStatusOf(error);
  if (status !== undefined) return status >= 400 && status < 500;
  return withCauses(error).some((each) => each instanceof ConnectFailure);
}

/**
 * Returns the loggable fields of an error. The message is not logged, except for details that
 * {@link detailsOf} extracts: Step Functions quotes inputs in validation messages, and parser errors
 * quote the text.
 */
export function errorForLog(
  error: Pick<StepFunctionsError, 'failure' | 'cause'>,
): Readonly<Record<string, unknown>> {
  const { failure, cause } = error;
  if (!(cause instanceof Error)) return { failure };
  return {
    failure,
    name: safeToken(cause.name),
    codes: codesOf(cause),
    httpStatus: httpStatusOf(cause),
    awsRequestId: safeToken(awsRequestIdOf(cause)),
    ...(failure === 'misconfigured' ? detailsOf(cause.message) : {}),
    ...(failure === 'unforeseen' ? { stack: stackFramesOf(cause) } : {}),
  };
}

/** Error names and request ids come from the response, which a proxy may have sent. */
function safeToken(text: string | undefined): string | undefined {
  return text !== undefined && /^[\w-]{1,100}$/.test(text) ? text : undefined;
}

/** Returns how many attempts the SDK made, 1 if unknown. */
export function attemptsOf(error: unknown): number {
  return metadataOf(error)?.attempts ?? 1;
}

/** Returns AWS's request id of the call; `undefined` without a response. */
export function awsRequestIdOf(error: unknown): string | undefined {
  return metadataOf(error)?.requestId;
}

function httpStatusOf(error: unknown): number | undefined {
  return metadataOf(error)?.httpStatusCode;
}

function metadataOf(error: unknown): Partial<ResponseMetadata> | undefined {
  // The SDK adds `$metadata` to every error that follows a response, including parser errors.
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  return typeof error.$metadata === 'object' && error.$metadata !== null
    ? error.$metadata
    : undefined;
}

function isNetworkError(error: Error): boolean {
  return codesOf(error).length > 0 || ['TimeoutError', 'RequestTimeout'].includes(error.name);
}

function codesOf(error: unknown): string[] {
  const codes = withCauses(error).flatMap((each) =>
    'code' in each && typeof each.code === 'string' ? [each.code] : [],
  );
  return [...new Set(codes)];
}

/** Returns an error and all its causes. Node wraps the errors of several addresses in one error. */
function withCauses(error: unknown): Error[] {
  if (!(error instanceof Error)) return [];
  const inner = error instanceof AggregateError ? error.errors : [error.cause];
  return [error, ...inner.flatMap(withCauses)];
}

function stackFramesOf(error: Error): string[] {
  return (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
}
