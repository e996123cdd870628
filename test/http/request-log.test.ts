import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startedResponseSchema, syncResponseSchema } from '../../src/onboarding/responses.ts';
import { onboardingRequest } from '../support/app.ts';
import { type AppOnLocalAws, startAppOnLocalAws } from '../support/app-on-local-aws.ts';
import { callRoute } from '../support/call-route.ts';
import { post, startPath, syncPath } from '../support/requests.ts';
import { startBehind } from '../support/start-behind.ts';

let running: AppOnLocalAws;
beforeAll(async () => {
  running = await startAppOnLocalAws();
});
afterAll(() => running.close());

let linesBefore: number;
beforeEach(() => {
  linesBefore = running.app.log.length;
});

/** All lines logged during the test. */
const logged = () => running.app.log.slice(linesBefore);

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('the request id', () => {
  const idOf = async (sent?: string) => {
    const headers = sent === undefined ? {} : { 'x-request-id': sent };
    const response = await fetch(`${running.url}/health/live`, { headers });
    return response.headers.get('x-request-id');
  };

  test.each(['a', 'A_b-9', 'x'.repeat(128)])('is X-Request-Id of the request: %s', async (sent) => {
    expect(await idOf(sent)).toBe(sent);
    expect(logged()).toMatchObject([{ requestId: sent }]);
  });

  test.each([
    ['is missing', undefined],
    ['is empty', ''],
    ['has 129 characters', 'x'.repeat(129)],
    ['has a space', 'a b'],
    ['has a quote', 'a"b'],
    ['is not ASCII', 'ü'],
    ['has two values', 'a, b'],
  ])('is a new UUID if X-Request-Id %s', async (_what, sent) => {
    expect(await idOf(sent)).toMatch(uuid);
  });
});

describe('the log', () => {
  test('has a line for each request, with its route, outcome and execution', async () => {
    const response = await post(running.url + syncPath, onboardingRequest('user-1'));
    const { executionArn } = syncResponseSchema.parse(await response.json());
    expect(logged()).toEqual([
      expect.objectContaining({
        level: 30,
        msg: 'request',
        requestId: response.headers.get('x-request-id'),
        method: 'POST',
        route: syncPath,
        status: 200,
        durationMilliseconds: expect.any(Number),
        executionArn,
      }),
    ]);
  });

  test('has the problem type of the response', async () => {
    await post(running.url + startPath, {});
    await fetch(`${running.url}/onboarding-status/arn`);
    await fetch(`${running.url}/nothing`);
    expect(logged()).toMatchObject([
      { route: startPath, status: 400, problem: 'invalid-onboarding-request' },
      {
        route: '/onboarding-status/:executionArn',
        status: 400,
        problem: 'invalid-execution-arn',
      },
      { route: null, status: 404, problem: 'not-found' },
    ]);
  });

  test('has nothing that callers send', async () => {
    const secret = 'leaked';
    const request = onboardingRequest('user-1');
    request.user.email = `${secret}@example.com`;
    request.user.name = secret;
    request.user.metadata.country = secret;
    const started = await post(running.url + startPath, request, { 'idempotency-key': secret });
    const { executionArn } = startedResponseSchema.parse(await started.json());
    await fetch(`${running.url}/onboarding-status/${executionArn}`, {
      headers: { prefer: secret, authorization: `Bearer ${secret}`, cookie: secret },
    });
    request.user.metadata.referralCode = secret;
    await post(running.url + syncPath, request);
    request.user.email = secret;
    await post(running.url + syncPath, request);
    await post(running.url + syncPath, `{"user": "${secret}`);
    await post(running.url + syncPath, secret, { 'content-type': `text/${secret}` });
    await fetch(`${running.url}/${secret}?${secret}=${secret}`);
    await fetch(`${running.url}/onboarding-status/${secret}`);
    expect(logged()).toHaveLength(8);
    expect(JSON.stringify(logged())).not.toContain(secret);
  });
});

test('the log line has the request id of the call to AWS', async () => {
  const { app, url } = await startBehind({});
  const lineOf = async (route: 'sync' | 'start') => {
    const { headers } = await callRoute(url, route);
    return app.log.find(({ requestId }) => requestId === headers.get('x-request-id'));
  };
  for (const route of ['sync', 'start'] as const) {
    expect(await lineOf(route)).toMatchObject({
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  }
});

test('the log line of a status request has its execution, and the response has Age', async () => {
  const { app, url } = await startBehind({});
  const { executionArn } = JSON.parse((await callRoute(url, 'start')).text);
  const { headers } = await fetch(`${url}/onboarding-status/${executionArn}`);
  expect(headers.get('age')).toMatch(/^\d+$/);
  expect(app.log.find(({ requestId }) => requestId === headers.get('x-request-id'))).toMatchObject({
    executionArn,
  });
});
