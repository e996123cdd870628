import { StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { readSettings } from '../../src/settings.ts';
import { parseStateMachineArn } from '../../src/step-functions/arns.ts';
import { createStepFunctionsClients } from '../../src/step-functions/clients.ts';
import { createStatusCalls } from '../../src/step-functions/status-calls.ts';
import {
  type LocalAwsWithClients,
  startWithClients,
  waitAnHour,
} from '../local-aws/local-aws-clients.ts';
import { environmentFor } from '../support/app.ts';
import { closeAfterwards } from '../support/start-behind.ts';
import { standardArn } from '../support/step-functions-stub/executions.ts';
import { foreignAnswer, stall } from '../support/step-functions-stub/faults.ts';
import { type StubOptions, startStepFunctionsStub } from '../support/step-functions-stub/stub.ts';

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
    redriveCount: 0,
  });
  await expect(describe(`${executionArn}-missing`, signal)).rejects.toMatchObject({
    failure: 'not-found',
  });
});

/** The service's own calls, to a Step Functions that answers by the script. */
async function callsTo(script: StubOptions['script'] & {}) {
  const stub = await startStepFunctionsStub({ script });
  closeAfterwards(stub);
  const settings = readSettings(environmentFor(stub.url));
  const { status, destroy } = createStepFunctionsClients(settings, () => undefined);
  onTestFinished(destroy);
  return { stub, ...createStatusCalls(status, settings.standard) };
}

test('a page of the list is asked for by its token, as long as there are any', async () => {
  const asked: unknown[] = [];
  const { listRunning } = await callsTo(({ members }) => {
    asked.push(members);
    return foreignAnswer(200, 'application/x-amz-json-1.0', '{"executions":[],"nextToken":"3"}');
  });
  const { nextToken } = await listRunning('2', new AbortController().signal);
  expect(nextToken).toBe('3');
  expect(asked).toEqual([
    { stateMachineArn: standardArn, statusFilter: 'RUNNING', maxResults: 1000, nextToken: '2' },
  ]);
});

test.each(['describe', 'listRunning'] as const)('%s can be given up', async (name) => {
  const { stub, ...calls } = await callsTo(() => stall);
  const caller = new AbortController();
  const isGivenUp = expect(calls[name]('arn', caller.signal)).rejects.toThrow();
  const underWay = (count: number) => vi.waitFor(() => expect(stub.underWay()).toBe(count));
  await underWay(1);
  caller.abort();
  await isGivenUp;
  await underWay(0);
});
