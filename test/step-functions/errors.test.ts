import { SFNServiceException } from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { errorForLog, failureOf, StepFunctionsError } from '../../src/step-functions/errors.ts';

const answered = (name: string, httpStatusCode = 400) =>
  new SFNServiceException({
    name,
    $fault: 'client',
    $metadata: { httpStatusCode, requestId: 'request-1' },
  });

test.each([
  ['throttled', ['ThrottlingException', 'Throttling', 'TooManyRequestsException']],
  ['throttled', ['RequestLimitExceeded', 'ExecutionLimitExceeded', 'KmsThrottlingException']],
  ['misconfigured', ['OptInRequired', 'IncompleteSignature', 'SignatureDoesNotMatch']],
  ['misconfigured', ['InvalidClientTokenId', 'InvalidIdentityTokenException', 'AccessDenied']],
  ['misconfigured', ['MissingAuthenticationToken', 'UnrecognizedClientException']],
])('%s: %j', (failure, names) => {
  for (const name of names) expect(failureOf(answered(name)), name).toBe(failure);
});

test('429 is throttling, by whatever name', () => {
  expect(failureOf(answered('Unknown', 429))).toBe('throttled');
});

test('a call given up is aborted, and a failure already known stays what it is', () => {
  expect(failureOf(new DOMException('given up', 'AbortError'))).toBe('aborted');
  expect(failureOf(new StepFunctionsError('outcome-unknown'))).toBe('outcome-unknown');
});

test('the log has the id of a call that failed, and where the unforeseen came from', () => {
  const logged = errorForLog(new StepFunctionsError('unforeseen', answered('SomethingNew')));
  expect(logged).toMatchObject({ awsRequestId: 'request-1', httpStatus: 400 });
  expect(logged.stack).toContainEqual(expect.stringContaining('errors.test.ts'));
});
