import { expect, test } from 'vitest';
import { systemClock } from '../../../src/local-aws/clock.ts';
import type { ExecutionListener } from '../../../src/local-aws/step-functions/execution-listeners.ts';
import {
  createExecutions,
  type Executions,
} from '../../../src/local-aws/step-functions/executions.ts';
import { createStateMachines } from '../../../src/local-aws/step-functions/state-machines.ts';
import { definition, fail, pass, waitAnHour } from '../local-aws-clients.ts';

const limits = { open: 10, closed: 10, bytes: 1_000_000, executionBytes: 1_000_000 };
const origin = { operation: 'StartExecution', userAgent: 'aws-cli/2' } as const;
const roleArn = 'arn:aws:iam::123456789012:role/test';

const executionsOf = () => createExecutions(systemClock, new Map(), limits);
const machine = (states: Parameters<typeof definition>[0], type: 'STANDARD' | 'EXPRESS') =>
  createStateMachines(Date.now).create({
    name: type,
    type,
    definition: definition(states),
    roleArn,
  });

/** Returns a listener, and a record of its calls. */
function recorder() {
  const calls: string[] = [];
  const ended = Promise.withResolvers<void>();
  const listener: ExecutionListener = {
    started: ({ name, origin: { userAgent } }) => calls.push(`${name} started by ${userAgent}`),
    event: ({ name }, { id, type }) => calls.push(`${name} ${id} ${type}`),
    ended({ name }, { status }) {
      calls.push(`${name} ${status}`);
      ended.resolve();
    },
  };
  return { calls, listener, ended: ended.promise };
}

test.each(['STANDARD', 'EXPRESS'] as const)(
  'a listener observes %s executions from start to end, in order',
  async (type) => {
    const executions = executionsOf();
    const { calls, listener, ended } = recorder();
    executions.subscribe(listener);
    executions.start({ stateMachine: machine(fail, type), origin, name: 'one' });
    await ended;
    expect(calls).toEqual([
      'one started by aws-cli/2',
      'one 1 ExecutionStarted',
      'one 2 FailStateEntered',
      'one 3 ExecutionFailed',
      'one FAILED',
    ]);
  },
);

test('a listener sees the end of a stopped execution before stop returns', async () => {
  const executions = executionsOf();
  const { calls, listener } = recorder();
  const { arn } = executions.start({ stateMachine: machine(waitAnHour, 'STANDARD'), origin });
  executions.subscribe(listener);
  await executions.stop(arn, 'Mistake', undefined);
  expect(calls.map((call) => call.split(' ').at(-1))).toEqual(['ExecutionAborted', 'ABORTED']);
});

test('when ended is called, the stored execution has its end', async () => {
  const executions: Executions = executionsOf();
  const seen = new Promise((resolve) => {
    executions.subscribe({ ended: ({ arn }) => resolve(executions.get(arn).end?.status) });
  });
  executions.start({ stateMachine: machine(pass, 'STANDARD'), origin });
  expect(await seen).toBe('SUCCEEDED');
});

test('an ended subscription observes nothing, and other subscriptions continue', async () => {
  const executions = executionsOf();
  const [one, other] = [recorder(), recorder()];
  const unsubscribe = executions.subscribe(one.listener);
  executions.subscribe(other.listener);
  unsubscribe();
  executions.start({ stateMachine: machine(pass, 'EXPRESS'), origin });
  await other.ended;
  expect(one.calls).toEqual([]);
});
