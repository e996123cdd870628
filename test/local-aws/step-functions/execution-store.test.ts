import { expect, test } from 'vitest';
import { parseDefinition } from '../../../src/local-aws/states-language/definition.ts';
import { createExecutionStore } from '../../../src/local-aws/step-functions/execution-store.ts';
import { definition, pass } from '../local-aws-clients.ts';

const stateMachine = {
  arn: 'machine',
  name: 'machine',
  type: 'STANDARD',
  definition: definition(pass),
  parsed: parseDefinition(definition(pass)),
  roleArn: 'role',
  creationDate: new Date(0),
  sequence: 1,
} as const;

const limits = { closed: 100, bytes: 10_000, executionBytes: 10_000 };

const execution = (arn: string, input = '{}') => ({
  arn,
  name: arn,
  stateMachine,
  origin: { operation: 'StartExecution', userAgent: '' } as const,
  input,
  startDate: new Date(0),
});

const end = { status: 'SUCCEEDED', stopDate: new Date(0), output: '{}' } as const;

const event = (id: number, input: string) => ({
  id,
  timestamp: new Date(0),
  type: 'PassStateEntered' as const,
  stateEnteredEventDetails: { name: 'Pass', input },
});

const arns = (store: ReturnType<typeof createExecutionStore>) =>
  store.newestFirst().map(({ arn }) => arn);

test('executions are forgotten in the order in which they closed, those that run never', () => {
  const store = createExecutionStore({ ...limits, closed: 2 });
  const [running, first, second, third] = ['running', 'first', 'second', 'third'].map((arn) =>
    store.add(execution(arn)),
  );
  for (const each of [second, first, third]) if (each) store.close(each, end);
  expect(arns(store)).toEqual(['third', 'first', 'running']);
  expect(store.get('second')).toBeUndefined();
  expect(running?.end).toBeUndefined();
});

test('memory is freed of closed executions, oldest first', () => {
  const store = createExecutionStore(limits);
  const large = `"${'x'.repeat(1498)}"`;
  for (const arn of ['a', 'b', 'c']) store.close(store.add(execution(arn, large)), end);
  expect(arns(store)).toEqual(['c', 'b', 'a']);
  store.add(execution('d', large));
  expect(arns(store)).toEqual(['d', 'c', 'b']);
});

test('a history makes room for itself, and tells no more data where there is none', () => {
  const store = createExecutionStore(limits);
  store.close(store.add(execution('closed', `"${'x'.repeat(1000)}"`)), end);
  const running = store.add(execution('running'));
  const data = 'y'.repeat(2000);
  store.append(running, event(1, data));
  expect(arns(store)).toContain('closed');
  store.append(running, event(2, data));
  expect(arns(store)).toEqual(['running']);
  store.append(running, event(3, data));
  expect(running.events).toMatchObject([
    { id: 1, stateEnteredEventDetails: { input: data } },
    { id: 2, stateEnteredEventDetails: { input: data } },
    { id: 3, stateEnteredEventDetails: { name: 'Pass' } },
  ]);
  expect(running.events[2]?.stateEnteredEventDetails?.input).toBeUndefined();
});

test('an execution that running ones leave no room for is refused', () => {
  const store = createExecutionStore(limits);
  const large = `"${'x'.repeat(3000)}"`;
  const first = store.add(execution('first', large));
  expect(() => store.add(execution('second', large))).toThrow(
    expect.objectContaining({ code: 'ExecutionLimitExceeded' }),
  );
  store.close(first, end);
  store.add(execution('second', large));
  expect(arns(store)).toEqual(['second']);
});

test('one execution cannot take the memory of all', () => {
  const store = createExecutionStore({ ...limits, executionBytes: 5000 });
  const running = store.add(execution('running'));
  for (const id of [1, 2, 3]) store.append(running, event(id, 'y'.repeat(2000)));
  const kept = running.events.map(
    ({ stateEnteredEventDetails: details }) => 'input' in Object(details),
  );
  expect(kept).toEqual([true, false, false]);
  store.close(running, end);
  expect(arns(store)).toEqual(['running']);
});
