import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  StartExecutionCommand,
  StartSyncExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, expect, test } from 'vitest';
import { type LocalAwsWithClients, startWithClients } from '../local-aws-clients.ts';

let local: LocalAwsWithClients;
afterEach(() => local.close());

const start = (stateMachineArn: string, input = '{}') =>
  local.stepFunctions.send(new StartExecutionCommand({ stateMachineArn, input }));
const describe = (executionArn: string | undefined) =>
  local.stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
const runSync = (stateMachineArn: string, input = '{}') =>
  local.stepFunctions.send(new StartSyncExecutionCommand({ stateMachineArn, input }));

const evaluating = (expression: string) => ({
  Evaluate: { Type: 'Pass', Output: `{% ${expression} %}`, End: true },
});
const endlessLoop = evaluating('($f := function($n) { $f($n + 1) }; $f(1))');
const backtracking = evaluating(`$exists($match($states.input, /^(a+)+$/))`);
const quick = evaluating('$states.input & "!"');
const regularExpression = evaluating('$exists($match($states.input, /^a+$/))');

test('when histories fill the memory, closed executions lose theirs but keep status and output', async () => {
  const mebibyte = 1024 * 1024;
  const limits = { open: 1000, closed: 1000, bytes: 4 * mebibyte, executionBytes: mebibyte };
  local = await startWithClients({ limits });
  const stateMachineArn = await local.createStateMachine('map', {
    Map: {
      Type: 'Map',
      Items: '{% [1..200] %}',
      ItemProcessor: { StartAt: 'Item', States: { Item: { Type: 'Pass', End: true } } },
      Output: '{% $count($states.result) %}',
      End: true,
    },
  });
  const started = await Promise.all(Array.from({ length: 30 }, () => start(stateMachineArn)));
  for (const { executionArn } of started) {
    expect(await local.waitForEnd(executionArn)).toMatchObject({
      status: 'SUCCEEDED',
      output: '200',
    });
  }
  const histories = await Promise.allSettled(
    started.map(({ executionArn }) =>
      local.stepFunctions.send(new GetExecutionHistoryCommand({ executionArn })),
    ),
  );
  const refused = histories.filter(({ status }) => status === 'rejected');
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length).toBeLessThan(started.length);
  for (const refusal of refused) {
    expect(refusal).toMatchObject({
      reason: {
        name: 'ExecutionDoesNotExist',
        message: expect.stringContaining('DescribeExecution still returns status and output.'),
      },
    });
  }
}, 60_000);

test('a regular expression that backtracks fails its own execution and delays no other', async () => {
  local = await startWithClients();
  const stuck = await local.createStateMachine('backtracking', backtracking);
  const other = await local.createStateMachine('regular-expression', regularExpression, 'EXPRESS');
  const { executionArn } = await start(stuck, JSON.stringify(`${'a'.repeat(40)}!`));
  expect(await runSync(other, '"aaa"')).toMatchObject({ status: 'SUCCEEDED', output: 'true' });
  expect(await describe(executionArn)).toMatchObject({ status: 'RUNNING' });
  const failed = await local.waitForEnd(executionArn);
  expect(failed).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
  expect(failed.cause).toContain('D1012: Evaluation timeout after 1000 milliseconds');
}, 60_000);

test('executions that never wait do not delay other executions', async () => {
  local = await startWithClients();
  const endless = await local.createStateMachine('endless', {
    Again: { Type: 'Pass', Next: 'Decide' },
    Decide: { Type: 'Choice', Choices: [{ Condition: true, Next: 'Again' }], Default: 'End' },
    End: { Type: 'Succeed' },
  });
  const quickArn = await local.createStateMachine('quick', quick, 'EXPRESS');
  const started = await Promise.all(Array.from({ length: 20 }, () => start(endless)));
  expect(await runSync(quickArn, '"fast"')).toMatchObject({ output: '"fast!"' });
  const statuses = await Promise.all(started.map(({ executionArn }) => describe(executionArn)));
  expect(statuses.map(({ status }) => status)).toEqual(started.map(() => 'RUNNING'));
}, 60_000);

test('twenty endless loops and twenty expressions that backtrack do not delay other executions', async () => {
  local = await startWithClients();
  const looping = await local.createStateMachine('looping', endlessLoop);
  const stuck = await local.createStateMachine('backtracking', backtracking);
  const [quickArn, regularExpressionArn] = [
    await local.createStateMachine('quick', quick, 'EXPRESS'),
    await local.createStateMachine('regular-expression', regularExpression, 'EXPRESS'),
  ];
  const long = await Promise.all([
    ...Array.from({ length: 20 }, () => start(looping)),
    ...Array.from({ length: 20 }, () => start(stuck, JSON.stringify(`${'a'.repeat(40)}!`))),
  ]);
  expect(await runSync(quickArn, '"fast"')).toMatchObject({ output: '"fast!"' });
  expect(await runSync(regularExpressionArn, '"aaa"')).toMatchObject({ output: 'true' });
  const statuses = await Promise.all(long.map(({ executionArn }) => describe(executionArn)));
  expect(statuses.map(({ status }) => status)).toEqual(long.map(() => 'RUNNING'));
}, 60_000);
