import { StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseStateMachineArn } from '../../src/step-functions/arns.ts';
import { createStatusCalls } from '../../src/step-functions/status-calls.ts';
import {
  type LocalAwsWithClients,
  startWithClients,
  waitAnHour,
} from '../local-aws/local-aws-clients.ts';

let local: LocalAwsWithClients;
let machineArn: string;
const { signal } = new AbortController();
beforeAll(async () => {
  local = await startWithClients();
  machineArn = await local.createStateMachine('slow', waitAnHour);
});
afterAll(() => local.close());

async function start(name: string) {
  const command = new StartExecutionCommand({ stateMachineArn: machineArn, name });
  const { executionArn = '' } = await local.stepFunctions.send(command);
  return executionArn;
}

function callsOf(arn: string) {
  const machine = parseStateMachineArn(arn);
  if (!machine) throw new Error(`${arn} is no state machine.`);
  return createStatusCalls(local.stepFunctions, machine);
}

test('the list shows what runs, and nothing that has ended', async () => {
  const [running, stopped, another] = await Promise.all(['a', 'b', 'c'].map(start));
  await local.stepFunctions.send(new StopExecutionCommand({ executionArn: stopped }));
  const { executions, nextToken } = await callsOf(machineArn).listRunning(undefined, signal);
  expect(new Set(executions.map(({ executionArn }) => executionArn))).toEqual(
    new Set([running, another]),
  );
  expect(executions.every(({ startDate }) => startDate instanceof Date)).toBe(true);
  expect(nextToken).toBeUndefined();
});

test('the list of a version is that of its state machine', async () => {
  const running = await start('of-a-version');
  const { executions } = await callsOf(`${machineArn}:7`).listRunning(undefined, signal);
  expect(executions.map(({ executionArn }) => executionArn)).toContain(running);
});

test('a description has what applies, and nothing of the input', async () => {
  const executionArn = await start('described');
  const { describe } = callsOf(machineArn);
  expect(await describe(executionArn, signal)).toEqual({
    executionArn,
    status: 'RUNNING',
    startDate: expect.any(Date),
  });
  await expect(describe(`${executionArn}-missing`, signal)).rejects.toMatchObject({
    name: 'ExecutionNotFound',
  });
});
