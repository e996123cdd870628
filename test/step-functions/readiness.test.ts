import { SFNClient } from '@aws-sdk/client-sfn';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { readSettings } from '../../src/settings.ts';
import { createReadinessCheck } from '../../src/step-functions/readiness.ts';
import { environmentFor } from '../support/app.ts';
import { awsError, type Fault, foreignResponse } from '../support/step-functions-stub/faults.ts';
import { type Call, startStepFunctionsStub } from '../support/step-functions-stub/stub.ts';

const missing =
  'The state machine does not exist, or this process lacks the permission to describe it. The log has the cause.';

let milliseconds: number;
beforeEach(() => {
  milliseconds = 0;
});

/** A readiness check of a Step Functions that answers with `fault`, while there is one. */
async function checkOf(fault?: Fault) {
  const state = { fault };
  const asked: Call['members'][] = [];
  const stub = await startStepFunctionsStub({
    script({ members }) {
      asked.push(members);
      return state.fault;
    },
  });
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
    asked,
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
  ['ThrottlingException', 'Step Functions throttles DescribeStateMachine.'],
  ['ServiceUnavailable', 'Step Functions is unavailable.'],
  ['AccessDeniedException', missing],
  ['StateMachineDoesNotExist', missing],
  ['ValidationException', 'DescribeStateMachine failed. The log has the cause.'],
])('%s: the reason names the setting, and nothing of AWS', async (name, reason) => {
  const status = name === 'ServiceUnavailable' ? 503 : 400;
  const { reasonNotReady } = await checkOf(awsError(name, 'Account 123456789012', status));
  expect(await reasonNotReady()).toBe(`STEP_FUNCTIONS_WORKFLOW_ARN: ${reason}`);
});

test.each([
  ['STANDARD', 'STEP_FUNCTIONS_WORKFLOW_ARN: The state machine is being deleted.'],
  [
    'EXPRESS',
    'STEP_FUNCTIONS_WORKFLOW_ARN: The type of the state machine is Express. Set it to the ARN of a state machine of type Standard.',
  ],
])('a state machine that is being deleted, of type %s', async (type, reason) => {
  const description = JSON.stringify({ status: 'DELETING', type });
  const { reasonNotReady } = await checkOf(
    foreignResponse(200, 'application/x-amz-json-1.0', description),
  );
  expect(await reasonNotReady()).toBe(reason);
});

test('no definition is asked for, which might be encrypted with a key of its own', async () => {
  const { reasonNotReady, asked } = await checkOf();
  await reasonNotReady();
  expect(asked.map(({ includedData }) => includedData)).toEqual(['METADATA_ONLY', 'METADATA_ONLY']);
});
