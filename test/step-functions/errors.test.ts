import { SFNServiceException } from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { errorForLog, failureOf, StepFunctionsError } from '../../src/step-functions/errors.ts';

const serviceError = (name: string, httpStatusCode = 400, message = '') =>
  new SFNServiceException({
    name,
    message,
    $fault: 'client',
    $metadata: { httpStatusCode, requestId: 'request-1' },
  });

test.each([
  ['throttled', ['ThrottlingException', 'Throttling', 'TooManyRequestsException']],
  ['throttled', ['RequestLimitExceeded', 'ExecutionLimitExceeded', 'KmsThrottlingException']],
  ['misconfigured', ['OptInRequired', 'IncompleteSignature', 'SignatureDoesNotMatch']],
  ['misconfigured', ['InvalidClientTokenId', 'InvalidIdentityTokenException', 'AccessDenied']],
  ['misconfigured', ['MissingAuthenticationToken', 'UnrecognizedClientException']],
])('the failure is %s for %j', (failure, names) => {
  for (const name of names) expect(failureOf(serviceError(name)), name).toBe(failure);
});

test('status 429 is throttled, whatever the name of the error', () => {
  expect(failureOf(serviceError('Unknown', 429))).toBe('throttled');
});

test('an AbortError is aborted, and a StepFunctionsError keeps its failure', () => {
  expect(failureOf(new DOMException('given up', 'AbortError'))).toBe('aborted');
  expect(failureOf(new StepFunctionsError('outcome-unknown'))).toBe('outcome-unknown');
});

test('the log has the request id of the call, and the stack of an unforeseen error', () => {
  const logged = errorForLog(new StepFunctionsError('unforeseen', serviceError('SomethingNew')));
  expect(logged).toMatchObject({ awsRequestId: 'request-1', httpStatus: 400 });
  expect(logged.stack).toContainEqual(expect.stringContaining('errors.test.ts'));
});

const logOf = (name: string, message: string) =>
  errorForLog(new StepFunctionsError('misconfigured', serviceError(name, 400, message)));
const role = 'arn:aws:sts::123456789012:assumed-role/service';
const execution = 'arn:aws:states:eu-west-1:123456789012:execution:user-onboarding';
const machine = 'arn:aws:states:eu-west-1:123456789012:stateMachine:user-onboarding';

test('the log of a refused call has role, action and resource, without session and execution name', () => {
  const message = `User: ${role}/jane is not authorized to perform: states:DescribeExecution on resource: ${execution}:user-onboarding-jane-1 because no identity-based policy allows the states:DescribeExecution action`;
  const logged = logOf('AccessDeniedException', message);
  expect(logged).toMatchObject({
    name: 'AccessDeniedException',
    principal: role,
    action: 'states:DescribeExecution',
    resource: `${execution}:*`,
  });
  expect(JSON.stringify(logged)).not.toContain('jane');
});

test.each([
  ['StateMachineDoesNotExist', `State Machine Does Not Exist: '${machine}'`, { resource: machine }],
  ['InvalidArn', `Invalid Arn: '${machine}'`, { resource: machine }],
  [
    'InvalidSignatureException',
    'Signature expired: 20251110T103000Z is now earlier than 20251110T104500Z (20251110T105000Z - 5 min.)',
    { message: 'Signature expired: 20251110T103000Z is now earlier than 20251110T104500Z' },
  ],
])('the log of %s has the resource or the clock difference', (name, message, details) => {
  expect(logOf(name, message)).toMatchObject({ name, ...details });
});

test.each([
  [
    'InvalidSignatureException',
    "The request signature we calculated does not match the signature you provided.\n\nThe Canonical String for this request should have been\n'POST\n/\n\nx-amz-security-token:secret-1\n'",
  ],
  ['AccessDeniedException', 'User: secret-1 may not'],
  ['AccessDeniedException', `secret-1 User: ${role} is not authorized to perform: states:A`],
  ['StateMachineDoesNotExist', "State Machine Does Not Exist: 'secret-1'"],
  ['KmsAccessDeniedException', 'The ciphertext secret-1 cannot be read.'],
  ['CredentialsProviderError', 'Token in /run/secret-1 is not valid: secret-1'],
])('nothing else of the message of %s is logged', (name, message) => {
  expect(JSON.stringify(logOf(name, message))).not.toContain('secret-1');
});

test('a malformed error name is not logged', () => {
  expect(JSON.stringify(logOf("It is secret-1's.", ''))).not.toContain('secret-1');
});
