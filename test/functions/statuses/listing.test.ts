import { expect, test } from 'vitest';
import { listExecutions } from '../../../src/functions/statuses/listing.ts';
import { parseStateMachineArn } from '../../../src/step-functions/arns.ts';
import { executionArnOf, standardArn } from '../../support/step-functions-stub/executions.ts';
import { manualClock, simulateExecutions } from './simulated-executions.ts';

test.each([
  { change: 'ends', from: 'RUNNING', to: 'FAILED' },
  { change: 'is redriven', from: 'FAILED', to: 'RUNNING' },
])(
  'an execution that $change while the lists are read has its later state',
  async ({ from, to }) => {
    const stateMachine = parseStateMachineArn(standardArn);
    if (!stateMachine) throw new Error('Not the ARN of a state machine.');
    const clock = manualClock(Date.parse('2026-01-02T03:04:05Z'));
    const { executionReader, start, end, redrive } = simulateExecutions(clock);
    start('a');
    end('a', 'FAILED');
    if (from === 'RUNNING') redrive('a');
    const { list } = executionReader;
    const firstStates: string[] = [];
    executionReader.list = async (machine, which, nextToken) => {
      const page = await list(machine, which, nextToken);
      if (which === 'all') {
        firstStates.push(...page.executions.map(({ status }) => status));
        if (to === 'RUNNING') redrive('a');
        else end('a', 'FAILED');
      }
      return page;
    };
    const { executions } = await listExecutions(executionReader, stateMachine, {
      recentAfter: 0,
      mayContinue: () => true,
    });
    expect(firstStates).toEqual([from]);
    expect(executions.get(executionArnOf('a'))?.status).toBe(to);
  },
);

test('each list is read once, and no further than needed', async () => {
  const stateMachine = parseStateMachineArn(standardArn);
  if (!stateMachine) throw new Error('Not the ARN of a state machine.');
  const clock = manualClock(Date.parse('2026-01-02T03:04:05Z'));
  const { executionReader, start, calls } = simulateExecutions(clock, 2);
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    start(name);
    clock.advance(1000);
  }
  const listing = await listExecutions(executionReader, stateMachine, {
    recentAfter: clock.epoch() - 1500,
    mayContinue: () => true,
  });
  // One page of all executions, three of the running ones, and an empty one of the redriven ones.
  expect(calls.list).toBe(5);
  expect(listing).toMatchObject({ runningAfter: Number.NEGATIVE_INFINITY, isComplete: true });
});
