import type { Environment } from '../support/app.ts';
import type { Route } from '../support/ask.ts';
import {
  awsError,
  cutBody,
  type Fault,
  foreignAnswer,
  hangUp,
  resetAfter,
  resetBefore,
  stall,
  stallBody,
} from '../support/step-functions-stub/faults.ts';
import type { Call } from '../support/step-functions-stub/stub.ts';

/** The answer, and how many calls Step Functions received for it. */
export type Expected = readonly [answer: string, calls: number];

export interface Row {
  readonly what: string;
  readonly script?: Fault | ((call: Call) => Fault | undefined);
  readonly settings?: Environment;
  readonly expected: Readonly<Partial<Record<Route, Expected>>>;
}

/** A word that stands in every message of AWS's here, and that no caller may ever see. */
export const internal = 'internal-detail';

const error = (name: string, status?: number) => awsError(name, `${internal} of ${name}`, status);
const first = (fault: Fault) => (call: Call) => (call.attempt === 1 ? fault : undefined);

const unavailable = '503 step-functions-unavailable';
const throttled = '503 step-functions-throttled';
const misconfigured = '502 step-functions-misconfigured';
const unknown = '502 outcome-unknown';

/** A call that may have been carried out: never again for sync, again by name for a start. */
const ambiguous = {
  sync: [unknown, 1],
  start: [unavailable, 3],
  status: [unavailable, 1],
} as const;
/** A refusal that stays one, however often it is asked for. */
const refused = (answer: string) =>
  ({ sync: [answer, 1], start: [answer, 1], status: [answer, 1] }) as const;
/** Nobody waits for an answer that does not come. */
const impatient = { SYNC_TIMEOUT_SECONDS: '3', STEP_FUNCTIONS_TIMEOUT_SECONDS: '0.1' };
const tooLate = {
  sync: ['504 sync-deadline-exceeded', 1],
  start: [unavailable, 3],
  status: [unavailable, 1],
} as const;
/** One failure, and then all is well. */
const recovered = { start: ['202', 2] } as const;

const html = `<html><body>${internal}</body></html>`;

export const table: readonly Row[] = [
  { what: 'resets before it has accepted', script: resetBefore, expected: ambiguous },
  { what: 'resets after it has started', script: resetAfter, expected: ambiguous },
  { what: 'closes without an answer', script: hangUp, expected: ambiguous },
  { what: 'resets once, before', script: first(resetBefore), expected: recovered },
  { what: 'resets once, after', script: first(resetAfter), expected: recovered },
  { what: 'cuts the body', script: cutBody, expected: ambiguous },
  { what: 'cuts the body once', script: first(cutBody), expected: recovered },
  { what: 'answers 500', script: error('InternalFailure', 500), expected: ambiguous },
  { what: 'answers 500 once', script: first(error('InternalFailure', 500)), expected: recovered },
  { what: 'answers 503', script: error('ServiceUnavailable', 503), expected: ambiguous },
  {
    what: "answers a proxy's page with 502",
    script: foreignAnswer(502, 'text/html', html),
    expected: ambiguous,
  },
  {
    what: "answers a proxy's page with 200",
    script: foreignAnswer(200, 'text/html', html),
    expected: ambiguous,
  },
  {
    what: "answers a proxy's page with 403",
    script: foreignAnswer(403, 'text/html', html),
    expected: { sync: [unavailable, 1], start: [unavailable, 3], status: [unavailable, 1] },
  },
  {
    what: 'answers broken JSON',
    script: foreignAnswer(200, 'application/x-amz-json-1.0', `{"executionArn": "${internal}`),
    expected: ambiguous,
  },
  {
    what: 'answers an empty object',
    script: foreignAnswer(200, 'application/x-amz-json-1.0', '{}'),
    expected: { sync: [unknown, 1], start: [unavailable, 1], status: [unavailable, 1] },
  },
  { what: 'stalls', script: stall, settings: impatient, expected: tooLate },
  { what: 'stalls within the body', script: stallBody, settings: impatient, expected: tooLate },
  {
    what: 'stalls once',
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
    // Where the budget for it were small, the status would take its time.
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
    what: `answers ${name}`,
    script: error(name),
    expected: refused(misconfigured),
  })),
  {
    what: 'answers an error that nobody knows',
    script: error('SomethingNew'),
    expected: refused('500 internal-error'),
  },
  {
    what: 'knows no such execution',
    script: error('ExecutionDoesNotExist'),
    expected: { status: ['404 execution-not-found', 1] },
  },
  {
    what: 'cannot be reached',
    settings: { AWS_ENDPOINT_URL_SFN: 'http://127.0.0.1:1' },
    expected: { sync: [unavailable, 0], start: [unavailable, 0], status: [unavailable, 0] },
  },
  {
    what: 'has a name that does not resolve',
    settings: { AWS_ENDPOINT_URL_SFN: 'http://step-functions.invalid:1' },
    expected: { sync: [unavailable, 0], start: [unavailable, 0], status: [unavailable, 0] },
  },
];
