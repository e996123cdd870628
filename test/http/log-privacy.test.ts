import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { onboardingRequest, type RunningApp, startApp } from '../support/app.ts';
import { type AppOnLocalAws, startAppOnLocalAws } from '../support/app-on-local-aws.ts';
import { planted, searchedLines, takeFindings } from '../support/log-privacy.ts';
import { openSocket, readResponse } from '../support/raw-http.ts';
import { post, startPath, syncPath } from '../support/requests.ts';
import { awsError, foreignResponse } from '../support/step-functions-stub/faults.ts';
import { startStepFunctionsStub } from '../support/step-functions-stub/stub.ts';
import { type Issuer, startIssuer } from './issuer.ts';

let issuer: Issuer;
let local: AppOnLocalAws;
let app: RunningApp;
let authorization: string;
beforeAll(async () => {
  issuer = await startIssuer();
  local = await startAppOnLocalAws();
  app = await local.startAnother(issuer.settings);
  authorization = `Bearer ${await issuer.token({ claims: { sub: `${planted}-subject` } })}`;
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
])('the search would find %s, at every level', (text) => {
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
  // The workflow refuses it, and says so in its cause.
  [syncPath, `${planted}-2025`, 400],
])('%s with the referral code %s', async (path, referralCode, status) => {
  const before = searchedLines();
  const answer = await post(
    `${app.url}${path}`,
    { user: user(referralCode) },
    {
      authorization,
      ...(path === startPath && { 'idempotency-key': `"${planted}-key-${referralCode}"` }),
    },
  );
  expect(answer.status).toBe(status);
  expect(searchedLines()).toBeGreaterThan(before);
});

const refusals: Record<string, () => Promise<Response>> = {
  'wrong members': () =>
    post(
      `${app.url}${startPath}`,
      { user: { ...user('A1'), email: `${planted}-1`, [`${planted}-2`]: 1, name: 7 } },
      { authorization },
    ),
  'broken JSON': () =>
    post(`${app.url}${startPath}`, `{"${planted}-1": ${planted}-2`, { authorization }),
  'a key that is not well formed': () =>
    post(
      `${app.url}${startPath}`,
      { user: user('A1') },
      { authorization, 'idempotency-key': `"${planted}-1` },
    ),
  'a key where none is kept': () =>
    post(
      `${app.url}${syncPath}`,
      { user: user('A1') },
      { authorization, 'idempotency-key': `"${planted}-1"` },
    ),
  'a token that is not one': () =>
    post(`${app.url}${startPath}`, { user: user('A1') }, { authorization: `Bearer ${planted}-1` }),
  'a path that is not there': () => fetch(`${app.url}/${planted}-1?${planted}-2`),
  'a path that is broken': () => fetch(`${app.url}/${planted}-1%`),
  'not an ARN': () =>
    fetch(`${app.url}/onboarding-status/${planted}-1`, { headers: { authorization } }),
  "somebody else's ARN": () =>
    fetch(
      `${app.url}/onboarding-status/arn:aws:states:us-east-1:123456789012:execution:${planted}-1:a`,
      { headers: { authorization } },
    ),
  'an ARN of ours with an address for its name': () =>
    fetch(
      `${app.url}/onboarding-status/arn:aws:states:us-east-1:123456789012:execution:user-onboarding:${planted}-1@example.com`,
      { headers: { authorization } },
    ),
  'a list for a user, with a cursor': () =>
    fetch(`${app.url}/onboarding-status?trackingId=${planted}-1&cursor=${planted}-2`, {
      headers: { authorization },
    }),
  'a reason for a cancellation': () =>
    post(
      `${app.url}/onboarding-status/arn:aws:states:us-east-1:123456789012:execution:user-onboarding:a/cancel`,
      { reason: `${planted}-1` },
      { authorization },
    ),
  'a problem type': () => fetch(`${app.url}/problems/${planted}-1`),
  'the last event of a stream': () =>
    fetch(
      `${app.url}/onboarding-status/arn:aws:states:us-east-1:123456789012:execution:user-onboarding:a?steps=${planted}-1`,
      { headers: { authorization, accept: 'text/event-stream', 'last-event-id': `${planted}-1` } },
    ),
  'headers with whatever': () =>
    fetch(`${app.url}/health/live`, {
      headers: {
        'x-request-id': `${planted} 1`,
        prefer: `${planted}-1`,
        traceparent: `${planted}-1`,
        cookie: `${planted}-1`,
      },
    }),
  'what is not HTTP': () => {
    const socket = openSocket(app.url);
    socket.write(`GET / HTTP/1.1\r\n${planted}-1\r\n\r\n`);
    return readResponse(socket);
  },
};

test.each(Object.entries(refusals))('%s', async (_what, ask) => {
  expect((await ask()).status).toBeGreaterThanOrEqual(200);
});

test('an execution that is started, waited for and found again', async () => {
  const started = await post(`${app.url}${startPath}`, { user: user('A1') }, { authorization });
  const status = await fetch(`${app.url}${started.headers.get('location')}`, {
    headers: { authorization, prefer: 'wait=5' },
  });
  expect(JSON.parse(await status.text()).status).toBe('SUCCEEDED');
});

const faults = {
  'an error that repeats the input': awsError('ValidationException', `${planted}-1`),
  'an error that nobody knows': awsError('NobodyKnows', `${planted}-1`),
  'a failure of its own': awsError('InternalServerException', `${planted}-1`, 500),
  "a proxy's page": foreignResponse(502, 'text/html', `<html>${planted}-1</html>`),
  'an answer that is not JSON': foreignResponse(
    200,
    'application/x-amz-json-1.0',
    `{"${planted}-1`,
  ),
};

test.each(Object.entries(faults))('Step Functions answers %s', async (_what, fault) => {
  const stub = await startStepFunctionsStub({ script: () => fault });
  const behind = await startApp(stub.url);
  const before = searchedLines();
  for (const path of [startPath, syncPath]) {
    const answer = await post(`${behind.url}${path}`, { user: user('A1') });
    expect(answer.status).toBeGreaterThanOrEqual(500);
  }
  expect(searchedLines()).toBeGreaterThan(before + 1);
  await behind.close();
  await stub.close();
});
