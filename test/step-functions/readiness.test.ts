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

/** A readiness check, whose calls get the fault in `state` while there is one. */
async function checkOf(fault?: Fault) {
  const state = { fault };
  const inputs: Call['members'][] = [];
  const stub = await startStepFunctionsStub({
    script({ members }) {
      inputs.push(members);
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
  const checkReadiness = createReadinessCheck(client, settings, () => milliseconds);
  return {
    state,
    inputs,
    calls: () => stub.calls('DescribeStateMachine'),
    reasonNotReady: async () => (await checkReadiness())?.reason,
  };
}

test('concurrent checks share one DescribeStateMachine call for each state machine', async () => {
  const { reasonNotReady, calls } = await checkOf();
  const reasons = await Promise.all(Array.from({ length: 20 }, () => reasonNotReady()));
  expect(new Set(reasons)).toEqual(new Set([undefined]));
  expect(calls()).toBe(2);
});

test('a successful check is reused for 30 s', async () => {
  const { reasonNotReady, calls, state } = await checkOf();
  await reasonNotReady();
  state.fault = awsError('ThrottlingException');
  milliseconds = 29_999;
  expect(await reasonNotReady()).toBeUndefined();
  expect(calls()).toBe(2);
  milliseconds = 30_000;
  expect(await reasonNotReady()).toMatch(/Step Functions throttles/);
});

test('a failed check is reused for 2 s', async () => {
  const { reasonNotReady, calls, state } = await checkOf(awsError('ThrottlingException'));
  expect(await reasonNotReady()).toMatch(/Step Functions throttles/);
  const callsBefore = calls();
  state.fault = undefined;
  milliseconds = 1999;
  expect(await reasonNotReady()).toMatch(/Step Functions throttles/);
  expect(calls()).toBe(callsBefore);
  milliseconds = 2000;
  expect(await reasonNotReady()).toBeUndefined();
});

test.each([
  ['ThrottlingException', 'Step Functions throttles DescribeStateMachine.'],
  ['ServiceUnavailable', 'Step Functions is unavailable.'],
  ['AccessDeniedException', missing],
  ['StateMachineDoesNotExist', missing],
  ['ValidationException', 'DescribeStateMachine failed. The log has the cause.'],
])('the reason for %s is the name of the setting and: %s', async (name, reason) => {
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
])('a state machine of type %s that is being deleted is not ready', async (type, reason) => {
  const description = JSON.stringify({ status: 'DELETING', type });
  const { reasonNotReady } = await checkOf(
    foreignResponse(200, 'application/x-amz-json-1.0', description),
  );
  expect(await reasonNotReady()).toBe(reason);
});

test('the check asks for metadata only, as definitions may be encrypted with a customer key', async () => {
  const { reasonNotReady, inputs } = await checkOf();
  await reasonNotReady();
  expect(inputs.map(({ includedData }) => includedData)).toEqual([
    'METADATA_ONLY',
    'METADATA_ONLY',
  ]);
});
