import { expect, test } from 'vitest';
import { createRecorder, type RecorderLimits } from '../../../src/local-aws/console/recorder.ts';
import { createExecutionListeners } from '../../../src/local-aws/step-functions/execution-listeners.ts';
import type { StartedExecution } from '../../../src/local-aws/step-functions/execution-store.ts';
import { createStateMachines } from '../../../src/local-aws/step-functions/state-machines.ts';

const roomy: RecorderLimits = {
  executions: 1000,
  bytes: 10_000_000,
  executionBytes: 10_000_000,
  events: 1000,
};

const definition = JSON.stringify({
  QueryLanguage: 'JSONata',
  StartAt: 'Only',
  States: { Only: { Type: 'Succeed' } },
});
const stateMachine = createStateMachines(Date.now).create({
  name: 'recorded',
  type: 'EXPRESS',
  definition,
  roleArn: 'arn:aws:iam::123456789012:role/recorded',
});

/** Returns a recorder with the given limits, and functions that drive executions. */
function record(limits: Partial<RecorderLimits>) {
  const listeners = createExecutionListeners();
  const recorder = createRecorder(listeners, { ...roomy, ...limits });
  let eventId = 0;
  return {
    recorder,
    start(arn: string, input = '{}'): StartedExecution {
      const execution: StartedExecution = {
        arn,
        name: arn,
        stateMachine,
        origin: { operation: 'StartExecution', userAgent: '' },
        input,
        startDate: new Date(),
      };
      listeners.started(execution);
      return execution;
    },
    event(execution: StartedExecution, input = '') {
      eventId += 1;
      listeners.event(execution, {
        id: eventId,
        type: 'PassStateEntered',
        timestamp: new Date(),
        stateEnteredEventDetails: { name: 'Only', input },
      });
    },
    log: listeners.log,
    end(execution: StartedExecution) {
      listeners.ended(execution, { status: 'SUCCEEDED', stopDate: new Date(), output: '{}' });
    },
    arns: () => recorder.newestFirst().map(({ execution }) => execution.arn),
  };
}

const kilobytes = (count: number) => 'x'.repeat(count * 500);

test('when there are too many executions, those that ended first are dropped', () => {
  const { start, end, arns } = record({ executions: 3 });
  const [a, b] = ['a', 'b', 'c'].map((arn) => start(arn));
  if (b) end(b);
  if (a) end(a);
  start('d');
  expect(arns()).toEqual(['d', 'c', 'a']);
  start('e');
  expect(arns()).toEqual(['e', 'd', 'c']);
  // None of these has ended.
  start('f');
  expect(arns()).toEqual(['f', 'e', 'd', 'c']);
});

test('when histories take too much memory, executions that ended first are dropped', () => {
  const { start, event, end, arns } = record({ bytes: 100_000 });
  for (const arn of ['a', 'b', 'c', 'd']) {
    const execution = start(arn);
    event(execution, kilobytes(30));
    end(execution);
  }
  expect(arns()).toEqual(['d', 'c', 'b']);
});

test('when inputs take too much memory, executions that ended first are dropped', () => {
  const { start, end, arns } = record({ bytes: 100_000 });
  for (const arn of ['a', 'b', 'c', 'd']) end(start(arn, JSON.stringify(kilobytes(30))));
  expect(arns()).toEqual(['d', 'c', 'b']);
});

test('beyond the limit of one execution, events are recorded without data', () => {
  const { recorder, start, event } = record({ executionBytes: 50_000 });
  const execution = start('a');
  for (let count = 0; count < 5; count += 1) event(execution, kilobytes(20));
  const { events = [], omitted } = recorder.get('a') ?? {};
  expect(omitted).toBe('data');
  expect(events.map(({ stateEnteredEventDetails }) => stateEnteredEventDetails)).toEqual([
    { name: 'Only', input: kilobytes(20) },
    { name: 'Only', input: kilobytes(20) },
    { name: 'Only' },
    { name: 'Only' },
    { name: 'Only' },
  ]);
});

test('when running executions fill the memory, later events are left out', () => {
  const { recorder, start, event } = record({ bytes: 20_000 });
  const execution = start('a');
  for (let count = 0; count < 100; count += 1) event(execution);
  expect(recorder.get('a')?.omitted).toBe('events');
  expect(recorder.get('a')?.events.length).toBeLessThan(40);
});

test('keeps only the first events of an execution that has too many', () => {
  const { recorder, start, event, end } = record({ events: 10 });
  const execution = start('a');
  for (let count = 0; count < 12; count += 1) event(execution);
  end(execution);
  expect(recorder.get('a')).toMatchObject({ omitted: 'events', end: { status: 'SUCCEEDED' } });
  expect(recorder.get('a')?.events).toHaveLength(10);
});

test('log lines are recorded with the event of their attempt, within the limits', () => {
  const { recorder, start, log } = record({ executionBytes: 50_000 });
  const execution = start('a');
  log(execution, 3, 'INFO hello');
  log(execution, 3, kilobytes(40));
  for (let count = 0; count < 100; count += 1) log(execution, 4, 'INFO again');
  const lines = recorder.get('a')?.log ?? [];
  expect(lines[0]).toMatchObject({ eventId: 3, text: 'INFO hello' });
  expect(lines[1]?.text).toHaveLength(16_385);
  expect(lines.length).toBeLessThan(20);
});
