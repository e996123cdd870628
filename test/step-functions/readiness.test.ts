import { SFNClient } from '@aws-sdk/client-sfn';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { readSettings } from '../../src/settings.ts';
import { createReadinessCheck } from '../../src/step-functions/readiness.ts';
import { environmentFor } from '../support/app.ts';
import { awsError, type Fault, foreignAnswer } from '../support/step-functions-stub/faults.ts';
import { startStepFunctionsStub } from '../support/step-functions-stub/stub.ts';

let milliseconds: number;
beforeEach(() => {
  milliseconds = 0;
});

/** A readiness check of a Step Functions that answers with `fault`, while there is one. */
async function checkOf(fault?: Fault) {
  const state = { fault };
  const stub = await startStepFunctionsStub({ script: () => state.fault });
  const settings = readSettings(environmentFor(stub.url));
  const client = new SFNClient({
    endpoint: stub.url,
    region: settings.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  onTestFinished(async () => {
    client.destroy();
    await stub.close();
  });
  const whyNotReady = createReadinessCheck(client, settings, () => milliseconds);
  return {
    state,
    calls: () => stub.calls('DescribeStateMachine'),
    reasonNotReady: async () => (await whyNotReady())?.reason,
  };
}

test('all who ask at once share one look at both state machines', async () => {
  const { reasonNotReady, calls } = await checkOf();
  const reasons = await Promise.all(Array.from({ length: 20 }, () => reasonNotReady()));
  expect(new Set(reasons)).toEqual(new Set([undefined]));
  expect(calls()).toBe(2);
});

test('a good answer is kept for 30 s', async () => {
  const { reasonNotReady, calls, state } = await checkOf();
  await reasonNotReady();
  state.fault = awsError('ThrottlingException');
  milliseconds = 29_999;
  expect(await reasonNotReady()).toBeUndefined();
  expect(calls()).toBe(2);
  milliseconds = 30_000;
  expect(await reasonNotReady()).toMatch(/Step Functions throttles/);
});

test('a bad one for 2 s', async () => {
  const { reasonNotReady, calls, state } = await checkOf(awsError('ThrottlingException'));
  expect(await reasonNotReady()).toMatch(/Step Functions throttles/);
  const asked = calls();
  state.fault = undefined;
  milliseconds = 1999;
  expect(await reasonNotReady()).toMatch(/Step Functions throttles/);
  expect(calls()).toBe(asked);
  milliseconds = 2000;
  expect(await reasonNotReady()).toBeUndefined();
});

test.each([
  ['ThrottlingException', 'cannot be described: Step Functions throttles.'],
  ['ServiceUnavailable', 'cannot be described: Step Functions cannot be reached.'],
  [
    'AccessDeniedException',
    'does not exist, or this process may not describe it. Its log says which.',
  ],
  [
    'StateMachineDoesNotExist',
    'does not exist, or this process may not describe it. Its log says which.',
  ],
  ['ValidationException', 'cannot be described.'],
])('%s is told in words that give nothing away', async (name, reason) => {
  const status = name === 'ServiceUnavailable' ? 503 : 400;
  const { reasonNotReady } = await checkOf(awsError(name, 'Account 123456789012', status));
  expect(await reasonNotReady()).toBe(`The Standard state machine ${reason}`);
});

test('a state machine that is being deleted is told as such', async () => {
  const description = JSON.stringify({ status: 'DELETING', type: 'STANDARD' });
  const type = 'application/x-amz-json-1.0';
  const { reasonNotReady } = await checkOf(foreignAnswer(200, type, description));
  expect(await reasonNotReady()).toBe('The Standard state machine is being deleted.');
});
