import { afterAll, beforeAll, expect, test } from 'vitest';
import { onboardingRequest, type RunningApp, startApp } from '../support/app.ts';
import { post, problemIn } from '../support/requests.ts';
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
const status = (arn: string) => ({ path: `/onboarding-status/${arn}` });
const express = expressArn.replace(':stateMachine:', ':express:');

interface Mistake {
  readonly path?: string;
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

// What goes wrong before anything is asked of Step Functions: the rest of the contract's errors.
const mistakes: readonly (readonly [what: string, mistake: Mistake, answer: string])[] = [
  ['a member is missing', { body: { user: {} } }, '400 invalid-onboarding-request'],
  ['a member has two spellings', { body: { user, User: user } }, '400 invalid-onboarding-request'],
  ['the body is no JSON', { body: '{' }, '400 invalid-json'],
  ['the body is empty', { body: '' }, '400 invalid-json'],
  ['the body is no UTF-8', { body: new Uint8Array([0x22, 0xff, 0x22]) }, '400 invalid-json'],
  [
    'the media type is another',
    { headers: { 'content-type': 'text/plain' } },
    '415 unsupported-media-type',
  ],
  ['the body is too large', { body: ' '.repeat(1_048_577) }, '413 content-too-large'],
  ['the input would be too large', { body: large }, '413 input-too-large'],
  ['there is no such route', { path: '/nothing' }, '404 not-found'],
  ['the method is another', { method: 'DELETE' }, '405 method-not-allowed'],
  ['it is no ARN', status('user-88888'), '400 invalid-execution-arn'],
  ['the execution is Express', status(`${express}:name:uuid`), '404 execution-not-found'],
  [
    'the state machine is another',
    status(executionArnOf('a').replace('user-', '')),
    '404 execution-not-found',
  ],
  [
    'the Region is another',
    status(executionArnOf('a').replace('us-', 'eu-')),
    '404 execution-not-found',
  ],
];

for (const route of ['/process-user-onboarding', '/process-user-onboarding-sync']) {
  test.each(mistakes)(`%s, at ${route}: nothing is sent`, async (_what, mistake, expected) => {
    const { path = route, method, body = { user }, headers } = mistake;
    const isPost = method === undefined && !path.startsWith('/onboarding-status');
    const answer = isPost
      ? await post(`${app.url}${path}`, body, headers)
      : await fetch(`${app.url}${path}`, { method: method ?? 'GET' });
    const allowed = answer.headers.get('allow');
    const { status: code, type } = await problemIn(answer);
    expect(`${code} ${type.replace('/problems/', '')}`).toBe(expected);
    expect(allowed).toBe(code === 405 ? 'POST' : null);
    expect(stub.calls('StartExecution') + stub.calls('StartSyncExecution')).toBe(0);
    expect(stub.calls('DescribeExecution')).toBe(0);
  });
}
