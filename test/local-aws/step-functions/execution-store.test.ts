import { expect, test } from 'vitest';
import { createExecutionStore } from '../../../src/local-aws/step-functions/execution-store.ts';
import { createStateMachines } from '../../../src/local-aws/step-functions/state-machines.ts';
import { definition, pass } from '../local-aws-clients.ts';

const stateMachine = createStateMachines(() => 0).create({
  name: 'machine',
  type: 'STANDARD',
  definition: definition(pass),
  roleArn: 'role',
});

const limits = { closed: 100, bytes: 10_000, executionBytes: 10_000 };

const execution = (arn: string, input = '{}') => ({
  arn,
  name: arn,
  stateMachine,
  origin: { operation: 'StartExecution', userAgent: '' } as const,
  input,
  startDate: new Date(0),
});

/** Returns a JSON string of the given length. */
const text = (length: number) => `"${'x'.repeat(length - 2)}"`;

const end = { status: 'SUCCEEDED', stopDate: new Date(0), output: '{}' } as const;

const event = (id: number, input: string) => ({
  id,
  timestamp: new Date(0),
  type: 'PassStateEntered' as const,
  stateEnteredEventDetails: { name: 'Pass', input },
});

const arns = (store: ReturnType<typeof createExecutionStore>) =>
  store.newestFirst().map(({ arn }) => arn);
/** Returns the number of events in each execution's history. */
const histories = (store: ReturnType<typeof createExecutionStore>) =>
  Object.fromEntries(store.newestFirst().map(({ arn, events }) => [arn, events?.length]));

test('closed executions are dropped in the order in which they closed, and running ones never', () => {
  const store = createExecutionStore({ ...limits, closed: 2 });
  const [running, first, second, third] = ['running', 'first', 'second', 'third'].map((arn) =>
    store.add(execution(arn)),
  );
  for (const each of [second, first, third]) if (each) store.close(each, end);
  expect(arns(store)).toEqual(['third', 'first', 'running']);
  expect(store.get('second')).toBeUndefined();
  expect(running?.end).toBeUndefined();
});

test('histories are dropped before executions, oldest first', () => {
  const store = createExecutionStore({ ...limits, bytes: 9000 });
  const stored = ['a', 'b', 'c'].map((arn) => store.add(execution(arn)));
  for (const each of stored) {
    store.append(each, event(1, 'y'.repeat(500)));
    store.close(each, end);
  }
  expect(histories(store)).toEqual({ c: 1, b: 1, a: 1 });
  store.add(execution('d', text(700)));
  expect(histories(store)).toEqual({ d: 0, c: 1, b: 1, a: undefined });
  expect(store.get('a')?.end).toEqual(end);
});

test('when inputs fill the memory, closed executions are dropped, oldest first', () => {
  const store = createExecutionStore(limits);
  for (const arn of ['a', 'b', 'c']) store.close(store.add(execution(arn, text(1000))), end);
  expect(arns(store)).toEqual(['c', 'b', 'a']);
  store.add(execution('d', text(1000)));
  expect(arns(store)).toEqual(['d', 'c', 'b']);
});

test('a growing history displaces those of closed executions, then loses its data, then is dropped', () => {
  const store = createExecutionStore({ ...limits, bytes: 8000 });
  const closed = store.add(execution('closed'));
  store.append(closed, event(1, 'y'.repeat(500)));
  store.close(closed, end);
  const running = store.add(execution('running'));
  for (const id of [1, 2]) store.append(running, event(id, 'y'.repeat(1000)));
  expect(histories(store)).toEqual({ running: 2, closed: undefined });
  store.append(running, event(3, 'y'.repeat(1000)));
  expect(running.events?.map(({ stateEnteredEventDetails: details }) => details)).toMatchObject([
    { input: expect.any(String) },
    { input: expect.any(String) },
    { name: 'Pass' },
  ]);
  expect(running.events?.[2]?.stateEnteredEventDetails?.input).toBeUndefined();
  for (let id = 4; running.events; id += 1) store.append(running, event(id, ''));
  store.append(running, event(99, ''));
  store.close(running, end);
  expect(histories(store)).toEqual({ running: undefined, closed: undefined });
  expect(store.get('closed')?.end).toEqual(end);
});

test('an execution is refused if running executions fill the memory', () => {
  const store = createExecutionStore(limits);
  const first = store.add(execution('first', text(3000)));
  expect(() => store.add(execution('second', text(3000)))).toThrow(
    expect.objectContaining({ code: 'ExecutionLimitExceeded' }),
  );
  store.close(first, end);
  store.add(execution('second', text(3000)));
  expect(arns(store)).toEqual(['second']);
});

test('beyond its own limit, an execution stores events without data', () => {
  const store = createExecutionStore({ ...limits, executionBytes: 5000 });
  const running = store.add(execution('running'));
  for (const id of [1, 2, 3]) store.append(running, event(id, 'y'.repeat(2000)));
  const kept = running.events?.map(
    ({ stateEnteredEventDetails: details }) => 'input' in Object(details),
  );
  expect(kept).toEqual([true, false, false]);
  store.close(running, end);
  expect(arns(store)).toEqual(['running']);
});

test('outputs and causes count as memory', () => {
  const store = createExecutionStore(limits);
  const large = 'x'.repeat(1500);
  store.close(store.add(execution('a')), { ...end, output: large });
  store.close(store.add(execution('b')), { ...end, status: 'FAILED', cause: large });
  store.add(execution('c', text(1000)));
  expect(arns(store)).toEqual(['c', 'b']);
});

test('a dropped execution frees the memory of its history', () => {
  const store = createExecutionStore({ ...limits, closed: 1 });
  for (let count = 0; count < 20; count += 1) {
    const each = store.add(execution(`e${count}`));
    store.append(each, event(1, 'y'.repeat(500)));
    store.close(each, end);
  }
  expect(histories(store)).toEqual({ e19: 1 });
});
