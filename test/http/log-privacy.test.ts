import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { onboardingRequest, type RunningApp, startApp } from '../support/app.ts';
import { type AppOnLocalAws, startAppOnLocalAws } from '../support/app-on-local-aws.ts';
import { planted, searchedLines, takeFindings } from '../support/log-privacy.ts';
import { openSocket, readResponse } from '../support/raw-http.ts';
import { post, startPath, syncPath } from '../support/requests.ts';
import { awsError, foreignResponse } from '../support/step-functions-stub/faults.ts';
import { startStepFunctionsStub } from '../support/step-functions-stub/stub.ts';
import { type Issuer, startIssuer } from './authentication/issuer.ts';

let issuer: Issuer;
let local: AppOnLocalAws;
let app: RunningApp;
let authorization: string;
beforeAll(async () => {
  issuer = await startIssuer();
  local = await startAppOnLocalAws();
  const { statusTable, dynamoDbUrl } = local.local.aws;
  app = await local.startAnother({
    ...issuer.settings,
    STATUS_TABLE: statusTable,
    AWS_ENDPOINT_URL_DYNAMODB: dynamoDbUrl,
  });
  const scope = 'onboarding:start onboarding:read onboarding:list onboarding:cancel';
  authorization = `Bearer ${await issuer.token({ claims: { sub: `${planted}-subject`, scope } })}`;
});
afterAll(async () => {
  await app.close();
  await local.close();
  await issuer.close();
});

const user = (referralCode: string) => ({
  ...onboardingRequest('user-1').user,
  email: `${planted}-email@example.com`,
  name: `${planted}-name`,
  metadata: { referralCode, note: `${planted}-metadata` },
});

test.each([
  [`${planted}-metadata`],
  ['somebody@example.org'],
  ['API Gateway User'],
  ['eyJhbGciOiJub25lIn0.e30.'],
  ['Authorization: Bearer abc'],
])('the search finds %s at every level', (text) => {
  const logger = pino({ level: 'trace' }, new Writable({ write: (_chunk, _, done) => done() }));
  logger.trace({ text });
  expect(takeFindings()).toHaveLength(1);
  logger.child({ text }).error(new Error('failed'));
  expect(takeFindings()).toHaveLength(1);
  logger.info('Nothing to see.');
  expect(takeFindings()).toEqual([]);
});

test.each([
  [startPath, 'PLANTED2025', 202],
  [syncPath, 'PLANTED2025', 200],
  // The workflow refuses it, and its cause says why.
  [syncPath, `${planted}-2025`, 400],
])(
  '%s with the referral code %s logs nothing personal and responds %i',
  async (path, referralCode, status) => {
    const before = searchedLines();
    const response = await post(
      `${app.url}${path}`,
      { user: user(referralCode) },
      {
        authorization,
        ...(path === startPath && { 'idempotency-key': `"${planted}-key-${referralCode}"` }),
      },
    );
    expect(response.status).toBe(status);
    expect(searchedLines()).toBeGreaterThan(before);
  },
);

const start = (body: unknown, headers: Record<string, string> = {}) =>
  post(`${app.url}${startPath}`, body, { authorization, ...headers });
const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${app.url}${path}`, { headers: { authorization, ...headers } });
const accountPrefix = 'arn:aws:states:us-east-1:123456789012:execution';
const statusPath = `/onboarding-status/${accountPrefix}:user-onboarding`;

/** Requests with planted text, and the status of the response to each. */
const requests: Record<string, [status: number, send: () => Promise<Response>]> = {
  'members of the wrong form': [
    400,
    () => start({ user: { ...user('A1'), [`${planted}-2`]: 1, email: `${planted}-1`, name: 7 } }),
  ],
  'broken JSON': [400, () => start(`{"${planted}-1": ${planted}-2`)],
  'a malformed key': [
    400,
    () => start({ user: user('A1') }, { 'idempotency-key': `"${planted}-1` }),
  ],
  'a key without a status table': [
    400,
    () =>
      post(
        `${local.url}${syncPath}`,
        { user: user('A1') },
        { 'idempotency-key': `"${planted}-1"` },
      ),
  ],
  'a malformed token': [
    401,
    () => start({ user: user('A1') }, { authorization: `Bearer ${planted}-1` }),
  ],
  'a path without a route': [404, () => get(`/${planted}-1?${planted}-2`)],
  'a path with a broken percent-encoding': [400, () => get(`/${planted}-1%`)],
  'a text that is not an ARN': [400, () => get(`/onboarding-status/${planted}-1`)],
  'the ARN of another state machine': [
    404,
    () => get(`/onboarding-status/${accountPrefix}:${planted}-1:a`),
  ],
  'an ARN with an e-mail address as its name': [
    404,
    () => get(`${statusPath}:${planted}-1@example.com`),
  ],
  'a list with a cursor': [
    400,
    () => get(`/onboarding-status?trackingId=${planted}-1&cursor=${planted}-2`),
  ],
  'a reason for a cancellation': [
    404,
    () => post(`${app.url}${statusPath}:a/cancel`, { reason: `${planted}-1` }, { authorization }),
  ],
  'an unknown problem type': [404, () => get(`/problems/${planted}-1`)],
  'a Last-Event-ID': [
    404,
    () =>
      get(`${statusPath}:a?steps=${planted}-1`, {
        accept: 'text/event-stream',
        'last-event-id': `${planted}-1`,
      }),
  ],
  'other headers': [
    200,
    () =>
      get('/health/live', {
        'x-request-id': `${planted} 1`,
        prefer: `${planted}-1`,
        traceparent: `${planted}-1`,
        cookie: `${planted}-1`,
      }),
  ],
  'bytes that are not HTTP': [
    400,
    () => {
      const socket = openSocket(app.url);
      socket.write(`GET / HTTP/1.1\r\n${planted}-1\r\n\r\n`);
      return readResponse(socket);
    },
  ],
};

test.each(Object.entries(requests))('%s is not logged', async (_what, [status, send]) => {
  const before = searchedLines();
  expect((await send()).status).toBe(status);
  await vi.waitFor(() => expect(searchedLines()).toBeGreaterThan(before));
});

test('an onboarding that is started and waited for logs nothing personal', async () => {
  const started = await start({ user: user('A1') });
  const status = await get(`${started.headers.get('location')}`, { prefer: 'wait=5' });
  expect(JSON.parse(await status.text()).status).toBe('SUCCEEDED');
});

const faults = {
  'an error with the input in its message': awsError('ValidationException', `${planted}-1`),
  'an unknown error': awsError('NobodyKnows', `${planted}-1`),
  'an internal failure': awsError('InternalServerException', `${planted}-1`, 500),
  "a proxy's page": foreignResponse(502, 'text/html', `<html>${planted}-1</html>`),
  'a body that is not JSON': foreignResponse(200, 'application/x-amz-json-1.0', `{"${planted}-1`),
};

test.each(Object.entries(faults))('%s from Step Functions is not logged', async (_what, fault) => {
  const stub = await startStepFunctionsStub({ script: () => fault });
  const behind = await startApp(stub.url);
  const before = searchedLines();
  for (const path of [startPath, syncPath]) {
    const response = await post(`${behind.url}${path}`, { user: user('A1') });
    expect(response.status).toBeGreaterThanOrEqual(500);
  }
  expect(searchedLines()).toBeGreaterThan(before + 1);
  await behind.close();
  await stub.close();
});
