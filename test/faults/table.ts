import type { Environment } from '../support/app.ts';
import type { Route } from '../support/call-route.ts';
import {
  awsError,
  cutBody,
  type Fault,
  foreignResponse,
  hangUp,
  resetAfter,
  resetBefore,
  stall,
  stallBody,
} from '../support/step-functions-stub/faults.ts';
import type { Call } from '../support/step-functions-stub/stub.ts';

/** The outcome, and how many calls Step Functions received. */
export type Expected = readonly [outcome: string, calls: number];

export interface Row {
  readonly what: string;
  readonly script?: Fault | ((call: Call) => Fault | undefined);
  readonly settings?: Environment;
  readonly expected: Readonly<Partial<Record<Route, Expected>>>;
}

/** Part of every AWS error message here; no caller may ever see it. */
export const internal = 'internal-detail';

const error = (name: string, status?: number) => awsError(name, `${internal} of ${name}`, status);
const first = (fault: Fault) => (call: Call) => (call.attempt === 1 ? fault : undefined);

const unavailable = '503 step-functions-unavailable';
const throttled = '503 step-functions-throttled';
const misconfigured = '502 step-functions-misconfigured';
const unknown = '502 outcome-unknown';

/** The call may have been carried out: sync never repeats it, a start repeats it by its name. */
const ambiguous = {
  sync: [unknown, 1],
  start: [unavailable, 3],
  status: [unavailable, 1],
} as const;
/** A refusal that no retry would change. */
const refused = (outcome: string) =>
  ({ sync: [outcome, 1], start: [outcome, 1], status: [outcome, 1] }) as const;
/** Time limits short enough to reach. */
const impatient = { SYNC_TIMEOUT_SECONDS: '3', STEP_FUNCTIONS_TIMEOUT_SECONDS: '0.1' };
const tooLate = {
  sync: ['504 sync-deadline-exceeded', 1],
  start: [unavailable, 3],
  status: [unavailable, 1],
} as const;
/** One failure, then success. */
const recovered = { start: ['202', 2] } as const;

const html = `<html><body>${internal}</body></html>`;

export const table: readonly Row[] = [
  {
    what: 'resets the connection before it carries out the call',
    script: resetBefore,
    expected: ambiguous,
  },
  {
    what: 'resets the connection after it carried out the call',
    script: resetAfter,
    expected: ambiguous,
  },
  { what: 'closes the connection without a response', script: hangUp, expected: ambiguous },
  {
    what: 'resets the connection once, before it carries out the call',
    script: first(resetBefore),
    expected: recovered,
  },
  {
    what: 'resets the connection once, after it carried out the call',
    script: first(resetAfter),
    expected: recovered,
  },
  { what: 'closes the connection within the body', script: cutBody, expected: ambiguous },
  {
    what: 'closes the connection within the body once',
    script: first(cutBody),
    expected: recovered,
  },
  { what: 'responds 500', script: error('InternalFailure', 500), expected: ambiguous },
  { what: 'responds 500 once', script: first(error('InternalFailure', 500)), expected: recovered },
  { what: 'responds 503', script: error('ServiceUnavailable', 503), expected: ambiguous },
  {
    what: 'is hidden by a proxy page with status 502',
    script: foreignResponse(502, 'text/html', html),
    expected: ambiguous,
  },
  {
    what: 'is hidden by a proxy page with status 200',
    script: foreignResponse(200, 'text/html', html),
    expected: ambiguous,
  },
  {
    what: 'is hidden by a proxy page with status 403',
    script: foreignResponse(403, 'text/html', html),
    expected: { sync: [unavailable, 1], start: [unavailable, 3], status: [unavailable, 1] },
  },
  {
    what: 'returns broken JSON',
    script: foreignResponse(200, 'application/x-amz-json-1.0', `{"executionArn": "${internal}`),
    expected: ambiguous,
  },
  {
    what: 'returns an empty object',
    script: foreignResponse(200, 'application/x-amz-json-1.0', '{}'),
    expected: { sync: [unknown, 1], start: [unavailable, 1], status: [unavailable, 1] },
  },
  { what: 'never responds', script: stall, settings: impatient, expected: tooLate },
  { what: 'stalls within the body', script: stallBody, settings: impatient, expected: tooLate },
  {
    what: 'does not respond once',
    script: first(stall),
    settings: impatient,
    expected: recovered,
  },
  {
    what: 'throttles',
    script: error('ThrottlingException'),
    expected: { sync: [throttled, 3], start: [throttled, 3] },
  },
  {
    what: 'throttles once',
    script: first(error('ThrottlingException')),
    // With a small budget, the second call would have to wait for a token.
    settings: { DESCRIBE_RATE: '10000' },
    expected: {
      sync: ['200', 2],
      start: ['202', 2],
      status: ['404 execution-not-found', 2],
    },
  },
  {
    what: 'has too many open executions',
    script: error('ExecutionLimitExceeded'),
    expected: { sync: [throttled, 1], start: [throttled, 1] },
  },
  {
    what: 'is throttled by KMS',
    script: error('KmsThrottlingException'),
    expected: { sync: [throttled, 1], start: [throttled, 1] },
  },
  ...[
    'AccessDeniedException',
    'ExpiredTokenException',
    'UnrecognizedClientException',
    'InvalidSignatureException',
    'MissingAuthenticationTokenException',
    'StateMachineDoesNotExist',
    'StateMachineDeleting',
    'StateMachineTypeNotSupported',
    'InvalidArn',
    'KmsAccessDeniedException',
    'KmsInvalidStateException',
  ].map((name) => ({
    what: `returns ${name}`,
    script: error(name),
    expected: refused(misconfigured),
  })),
  {
    what: 'returns an unknown error',
    script: error('SomethingNew'),
    expected: refused('500 internal-error'),
  },
  {
    what: 'does not know the execution',
    script: error('ExecutionDoesNotExist'),
    expected: { status: ['404 execution-not-found', 1] },
  },
  {
    what: 'cannot be reached',
    settings: { AWS_ENDPOINT_URL_SFN: 'http://127.0.0.1:1' },
    expected: { sync: [unavailable, 0], start: [unavailable, 0], status: [unavailable, 0] },
  },
  {
    what: 'has a host name that does not resolve',
    settings: { AWS_ENDPOINT_URL_SFN: 'http://step-functions.invalid:1' },
    expected: { sync: [unavailable, 0], start: [unavailable, 0], status: [unavailable, 0] },
  },
];
