import { ServiceException } from '@smithy/core/client';
import type { ResponseMetadata } from '@smithy/types';
import { detailsOf } from './aws-message.ts';
import { ConnectFailure } from './connect-failure.ts';

/**
 * What a failed call means for whoever made it:
 * - `throttled`: refused for its rate or for a quota; worth another try later
 * - `unavailable`: unreachable, or failing by its own fault; worth another try later
 * - `misconfigured`: refused for our settings or permissions; an operator has to act
 * - `not-found`: there is no such execution
 * - `already-exists`: the execution's name is taken
 * - `outcome-unknown`: may have been carried out, and must not be sent again
 * - `deadline-exceeded`: took longer than it was given; may still be carried out
 * - `capacity-exhausted`: not sent, as too many like it are under way
 * - `aborted`: given up by whoever made it
 * - `unforeseen`: none of these
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

/** A call to Step Functions that failed; `cause` is the SDK's own error. */
export class StepFunctionsError extends Error {
  override readonly name = 'StepFunctionsError';
  readonly failure: StepFunctionsFailure;

  constructor(failure: StepFunctionsFailure, cause?: unknown) {
    super(failure, { cause });
    this.failure = failure;
  }
}

/** Thrown with `catch` of a call to the SDK. */
export function throwStepFunctionsError(error: unknown): never {
  throw new StepFunctionsError(failureOf(error), error);
}

/** A response without members that the service model promises: not Step Functions' own. */
export class IncompleteResponse extends Error {
  override readonly name = 'IncompleteResponse';
}

// Names from the service model, those that every AWS service gives for a refused signature, and
// those of AWS STS, which credentials may come from.
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
 * The failure that an error stands for: a {@link StepFunctionsError}'s own, or that of an SDK error
 * of a call that may be repeated. Any response that is not Step Functions' own is `unavailable`.
 */
export function failureOf(error: unknown): StepFunctionsFailure {
  if (error instanceof StepFunctionsError) return error.failure;
  if (!(error instanceof Error)) return 'unforeseen';
  const known = failureByName[error.name];
  if (known) return known;
  const status = httpStatusOf(error);
  if (status === undefined) return isOfTheNetwork(error) ? 'unavailable' : 'unforeseen';
  if (status === 429) return 'throttled';
  const isOfAws = error instanceof ServiceException && error.name !== 'Unknown';
  // Anything else is a proxy's page, or a response that was cut off.
  return status >= 500 || !isOfAws ? 'unavailable' : 'unforeseen';
}

/**
 * Whether an error proves that Step Functions did not carry out the call: no connection was made,
 * or the call was refused with a 4xx.
 */
export function wasNotCarriedOut(error: unknown): boolean {
  const status = httpStatusOf(error);
  if (status !== undefined) return status >= 400 && status < 500;
  return withCauses(error).some((each) => each instanceof ConnectFailure);
}

/**
 * What the log may say of an error. The message is left out, but for what {@link detailsOf} knows
 * to be safe: Step Functions repeats inputs in its validation messages, and a parser's error
 * repeats the text that it failed on.
 */
export function errorForLog(
  error: Pick<StepFunctionsError, 'failure' | 'cause'>,
): Readonly<Record<string, unknown>> {
  const { failure, cause } = error;
  if (!(cause instanceof Error)) return { failure };
  return {
    failure,
    name: tokenOf(cause.name),
    codes: codesOf(cause),
    httpStatus: httpStatusOf(cause),
    awsRequestId: tokenOf(awsRequestIdOf(cause)),
    ...(failure === 'misconfigured' ? detailsOf(cause.message) : {}),
    ...(failure === 'unforeseen' ? { stack: framesOf(cause) } : {}),
  };
}

/** A name or an id. Both come from the response, which may be a proxy's. */
function tokenOf(text: string | undefined): string | undefined {
  return text !== undefined && /^[\w-]{1,100}$/.test(text) ? text : undefined;
}

/** How often the SDK attempted the call that ended in this error; 1 where it does not say. */
export function attemptsOf(error: unknown): number {
  return metadataOf(error)?.attempts ?? 1;
}

/** Step Functions' own id of the call, where there was a response. */
export function awsRequestIdOf(error: unknown): string | undefined {
  return metadataOf(error)?.requestId;
}

function httpStatusOf(error: unknown): number | undefined {
  return metadataOf(error)?.httpStatusCode;
}

function metadataOf(error: unknown): Partial<ResponseMetadata> | undefined {
  // The SDK adds it to every error that follows a response, its parser's included.
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  return typeof error.$metadata === 'object' && error.$metadata !== null
    ? error.$metadata
    : undefined;
}

function isOfTheNetwork(error: Error): boolean {
  return codesOf(error).length > 0 || ['TimeoutError', 'RequestTimeout'].includes(error.name);
}

function codesOf(error: unknown): string[] {
  const codes = withCauses(error).flatMap((each) =>
    'code' in each && typeof each.code === 'string' ? [each.code] : [],
  );
  return [...new Set(codes)];
}

/** An error and its causes; Node wraps those of several addresses in one error. */
function withCauses(error: unknown): Error[] {
  if (!(error instanceof Error)) return [];
  const inner = error instanceof AggregateError ? error.errors : [error.cause];
  return [error, ...inner.flatMap(withCauses)];
}

function framesOf(error: Error): string[] {
  return (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
}
