import { request } from 'node:http';
import { StartSyncExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  fail,
  type LocalAwsWithClients,
  pass,
  startWithClients,
  waitAnHour,
} from '../local-aws-clients.ts';
import { type ManualClock, manualClock } from '../manual-clock.ts';

const hour = 3_600_000;
let clock: ManualClock;
let local: LocalAwsWithClients;

beforeEach(async () => {
  clock = manualClock();
  local = await startWithClients({ clock });
});
afterEach(() => local.close());

const startSync = (stateMachineArn: string, more = {}) =>
  local.stepFunctions.send(new StartSyncExecutionCommand({ stateMachineArn, ...more }));

test('a sync execution returns its output and billing details', async () => {
  const arn = await local.createStateMachine(
    'wait-a-bit',
    { Wait: { Type: 'Wait', Seconds: 1, End: true } },
    'EXPRESS',
  );
  const response = startSync(arn, { name: 'mine', input: '{"a": 1}' });
  await clock.sleepOf(1000);
  clock.advance(1001);
  expect(await response).toMatchObject({
    status: 'SUCCEEDED',
    name: 'mine',
    stateMachineArn: arn,
    input: '{"a": 1}',
    output: '{"a":1}',
    startDate: new Date('2025-11-10T10:30:00.000Z'),
    stopDate: new Date('2025-11-10T10:30:01.001Z'),
    billingDetails: { billedMemoryUsedInMB: 64, billedDurationInMilliseconds: 1100 },
  });
});

test('a failed execution returns 200 with its error', async () => {
  const arn = await local.createStateMachine('fail', fail, 'EXPRESS');
  const response = await startSync(arn);
  expect(response).toMatchObject({ status: 'FAILED', error: 'Refused', cause: 'Because.' });
  expect(response.$metadata.httpStatusCode).toBe(200);
  expect(response.output).toBeUndefined();
  expect(response.outputDetails).toEqual({ included: true });
});

test('an Express execution times out after five minutes', async () => {
  const arn = await local.createStateMachine('wait', waitAnHour, 'EXPRESS');
  const pending = startSync(arn);
  await clock.sleepOf(hour);
  clock.advance(5 * 60_000);
  const response = await pending;
  expect(response).toMatchObject({
    status: 'TIMED_OUT',
    stopDate: new Date('2025-11-10T10:35:00.000Z'),
  });
  expect(response.error ?? response.cause).toBeUndefined();
});

test('a Standard state machine is refused', async () => {
  const arn = await local.createStateMachine('standard', pass);
  await expect(startSync(arn)).rejects.toMatchObject({ name: 'StateMachineTypeNotSupported' });
});

test('METADATA_ONLY leaves out input and output', async () => {
  const arn = await local.createStateMachine('pass', pass, 'EXPRESS');
  const response = await startSync(arn, { input: '{"a":1}', includedData: 'METADATA_ONLY' });
  expect(response).toMatchObject({ status: 'SUCCEEDED', outputDetails: { included: false } });
  expect(response.input ?? response.output).toBeUndefined();
});

test('an execution keeps running when its caller disconnects', async () => {
  const arn = await local.createStateMachine(
    'two-waits',
    {
      First: { Type: 'Wait', Seconds: 60, Next: 'Second' },
      Second: { Type: 'Wait', Seconds: 120, End: true },
    },
    'EXPRESS',
  );
  const call = request(local.aws.stepFunctionsUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AWSStepFunctions.StartSyncExecution',
    },
  });
  const disconnected = new Promise((resolve) => call.on('error', resolve));
  call.end(JSON.stringify({ stateMachineArn: arn }));
  await clock.sleepOf(60_000);
  call.destroy(new Error('disconnected'));
  await disconnected;
  // The server has seen the disconnect once it responds to another request.
  await expect(startSync('none')).rejects.toThrow('Invalid Arn');
  clock.advance(60_000);
  await clock.sleepOf(120_000);
});
