import { StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { newUser } from '../../src/gateway/new-user.ts';
import { logExecutions, logGatewayCall } from '../../src/local-aws/execution-log.ts';
import type { Clock, Json } from '../../src/local-aws/states-language/execution.ts';
import { type LocalAwsWithClients, startWithClients, waitAnHour } from './local-aws-clients.ts';
import { manualClock } from './manual-clock.ts';

let local: LocalAwsWithClients;
afterEach(() => local.close());

/** Starts local AWS with a log. Returns its lines as objects, without time and with level names. */
async function startWithLog(level = 'info', clock?: Clock) {
  const lines: Record<string, unknown>[] = [];
  const logger = pino(
    {
      level,
      base: undefined,
      timestamp: false,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => void lines.push(JSON.parse(line)) },
  );
  local = await startWithClients({
    onGatewayCall: (call) => logGatewayCall(logger, call),
    ...(clock && { clock }),
  });
  logExecutions(local.aws.executions, logger);
  return lines;
}

/** Runs an execution to its end. */
async function run(states: Readonly<Record<string, Json>>, input = '{}') {
  const stateMachineArn = await local.createStateMachine('logged', states);
  const ended = new Promise<void>((resolve) => {
    local.aws.executions.subscribe({ ended: () => resolve() });
  });
  await local.stepFunctions.send(
    new StartExecutionCommand({ stateMachineArn, name: 'execution-1', input }),
  );
  await ended;
}

const messages = (lines: readonly Record<string, unknown>[]) => lines.map(({ msg }) => msg);
const branch = (states: Readonly<Record<string, Json>>) => ({
  StartAt: Object.keys(states)[0] ?? '',
  States: states,
});

test('each state is one line with the execution, the outcome and the duration', async () => {
  const lines = await startWithLog();
  await run({
    First: { Type: 'Pass', Next: 'Each' },
    Each: {
      Type: 'Map',
      Items: [1, 2],
      ItemProcessor: branch({ Item: { Type: 'Pass', End: true } }),
      End: true,
    },
  });
  expect(messages(lines)).toEqual([
    'Pass First succeeded',
    'Pass Item succeeded',
    'Pass Item succeeded',
    'Map Each succeeded',
  ]);
  expect(lines[0]).toEqual({
    level: 'info',
    execution: 'execution-1',
    state: 'First',
    milliseconds: expect.any(Number),
    msg: 'Pass First succeeded',
  });
});

test('the line of a state has the milliseconds from its entry to its exit', async () => {
  const clock = manualClock();
  const lines = await startWithLog('info', clock);
  const ended = run({ Wait: { Type: 'Wait', Seconds: 2, End: true } });
  await clock.sleepOf(2000);
  clock.advance(2000);
  await ended;
  expect(lines).toMatchObject([{ state: 'Wait', milliseconds: 2000 }]);
});

test('a failed execution logs its error, and a line for each state that it ended', async () => {
  const lines = await startWithLog();
  await run({
    Both: {
      Type: 'Parallel',
      Branches: [
        branch({ Refuse: { Type: 'Fail', Error: 'Refused', Cause: 'jane@example.com' } }),
        branch({ Slow: { Type: 'Wait', Seconds: 3600, End: true } }),
      ],
      End: true,
    },
  });
  expect(lines).toMatchObject([
    { level: 'info', state: 'Slow', msg: 'Wait Slow aborted' },
    { level: 'warn', state: 'Refuse', msg: 'Fail Refuse failed' },
    { level: 'warn', state: 'Both', msg: 'Parallel Both failed' },
    { level: 'warn', execution: 'execution-1', errorName: 'Refused', msg: 'logged FAILED' },
  ]);
  expect(JSON.stringify(lines)).not.toContain('jane');
});

test('the line of a Task has the number of attempts and the error that was caught', async () => {
  const clock = manualClock();
  const lines = await startWithLog('info', clock);
  const ended = run({
    Call: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: { FunctionName: 'absent' },
      Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1, IntervalSeconds: 5 }],
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Done' }],
      Next: 'Done',
    },
    Done: { Type: 'Succeed' },
  });
  await clock.sleepOf(5000);
  clock.advance(5000);
  await ended;
  expect(lines).toMatchObject([
    {
      state: 'Call',
      attempts: 2,
      errorName: 'Lambda.ResourceNotFoundException',
      msg: 'Task Call failed and caught',
    },
    { state: 'Done', msg: 'Succeed Done succeeded' },
  ]);
});

test('a stopped execution logs the state that it aborted', async () => {
  const lines = await startWithLog();
  const stateMachineArn = await local.createStateMachine('logged', waitAnHour);
  const { executionArn } = await local.stepFunctions.send(
    new StartExecutionCommand({ stateMachineArn }),
  );
  await local.stepFunctions.send(new StopExecutionCommand({ executionArn }));
  expect(messages(lines)).toEqual(['Wait Wait aborted', 'logged ABORTED']);
});

test('the level debug adds input and output under localData', async () => {
  const lines = await startWithLog('debug');
  await run({ Only: { Type: 'Pass', Output: 'out', End: true } }, '{"in":1}');
  expect(lines[0]).toMatchObject({ localData: { input: '{"in":1}', output: '"out"' } });
});

test('a request to API Gateway is one line with its status', async () => {
  const lines = await startWithLog();
  await fetch(`${local.aws.apiGatewayUrl}${newUser.path}`, { method: 'POST', body: '{}' });
  expect(lines).toMatchObject([
    { level: 'warn', status: 400, msg: `API Gateway POST ${newUser.path}` },
  ]);
});
