import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { onboardingRequest, type RunningApp, startApp } from '../support/app.ts';
import { operationOf } from '../support/call-route.ts';
import { post, problemIn, startPath, syncPath } from '../support/requests.ts';
import { executionArnOf, expressArn } from '../support/step-functions-stub/executions.ts';
import {
  type StepFunctionsStub,
  startStepFunctionsStub,
} from '../support/step-functions-stub/stub.ts';

let stub: StepFunctionsStub;
let app: RunningApp;

beforeAll(async () => {
  stub = await startStepFunctionsStub();
  app = await startApp(stub.url);
});
afterAll(async () => {
  await app.close();
  await stub.close();
});

const { user } = onboardingRequest();
const large = { user: { ...user, metadata: { note: 'x'.repeat(262_144) } } };
const expressExecution = expressArn.replace(':stateMachine:', ':express:');

interface PostRequest {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

async function expectRefusedUnsent(response: Response, expected: string): Promise<void> {
  const allowed = response.headers.get('allow');
  const { status, type } = await problemIn(response);
  expect(`${status} ${type.replace('/problems/', '')}`).toBe(expected);
  expect(allowed).toBe(status === 405 ? 'POST' : null);
  for (const operation of Object.values(operationOf)) expect(stub.calls(operation)).toBe(0);
}

describe.each([startPath, syncPath])('POST %s responds without calling Step Functions', (path) => {
  test.each<[expected: string, when: string, request: PostRequest]>([
    ['400 invalid-onboarding-request', 'a member is missing', { body: { user: {} } }],
    [
      '400 invalid-onboarding-request',
      'a member has two spellings',
      { body: { user, User: user } },
    ],
    ['400 invalid-json', 'the body is not JSON', { body: '{' }],
    ['400 invalid-json', 'the body is empty', { body: '' }],
    ['400 invalid-json', 'the body is not UTF-8', { body: new Uint8Array([0x22, 0xff, 0x22]) }],
    [
      '415 unsupported-media-type',
      'the media type is not JSON',
      { headers: { 'content-type': 'text/plain' } },
    ],
    ['413 content-too-large', 'the body is too large', { body: ' '.repeat(1_048_577) }],
    ['413 input-too-large', 'the input of the workflow would be too large', { body: large }],
  ])('%s when %s', async (expected, _when, { body = { user }, headers }) => {
    await expectRefusedUnsent(await post(`${app.url}${path}`, body, headers), expected);
  });

  test('405 method-not-allowed to another method', async () => {
    const response = await fetch(`${app.url}${path}`, { method: 'DELETE' });
    await expectRefusedUnsent(response, '405 method-not-allowed');
  });
});

test('a path without a route gets 404 not-found', async () => {
  const response = await post(`${app.url}/nothing`, { user });
  await expectRefusedUnsent(response, '404 not-found');
});

describe('GET /onboarding-status/{executionArn} responds without calling Step Functions', () => {
  test.each([
    ['400 invalid-execution-arn', 'it is not an ARN', 'user-88888'],
    ['404 execution-not-found', 'the execution is an Express one', `${expressExecution}:name:uuid`],
    [
      '404 execution-not-found',
      'the ARN has another state machine',
      executionArnOf('a').replace('user-', ''),
    ],
    [
      '404 execution-not-found',
      'the ARN has another Region',
      executionArnOf('a').replace('us-', 'eu-'),
    ],
  ])('%s when %s', async (expected, _when, arn) => {
    await expectRefusedUnsent(await fetch(`${app.url}/onboarding-status/${arn}`), expected);
  });
});
