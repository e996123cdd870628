import type { HistoryEvent, HistoryEventType } from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import { StatesError } from '../../src/local-aws/states-language/execution.ts';
import type { Step } from '../../src/step-functions/step.ts';
import { createStepHistory } from '../../src/step-functions/steps.ts';
import {
  execute,
  machine,
  type Options,
  terminal,
  workflow,
} from '../local-aws/states-language/execute.ts';

const invoke = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke' };
const retry = [{ ErrorEquals: ['Busy'], MaxAttempts: 2 }];
const refuse = async () => {
  throw new StatesError('Refused', 'No.');
};

const summaryOf = ({ name, status, attempts, error, within, iteration }: Step) =>
  [
    within && `${within.name}${iteration === undefined ? '' : `[${iteration}]`} >`,
    name,
    status,
    attempts > 1 && `attempts ${attempts}`,
    error,
  ]
    .filter(Boolean)
    .join(' ');

async function stepsOf(definition: object, options?: Options, untilEvent?: string) {
  const { events } = await execute(definition, options);
  const history = createStepHistory();
  for (const [index, event] of events.entries()) {
    history.add({ ...event, id: index + 1, timestamp: new Date(1000 * (index + 1)) });
    if (event.type === untilEvent) break;
  }
  return history.steps.map(summaryOf);
}

test('a step has the dates of its events', async () => {
  const { events } = await execute(machine({ Only: terminal({ Type: 'Pass' }) }));
  const history = createStepHistory();
  for (const [index, event] of events.entries()) {
    history.add({ ...event, id: index + 1, timestamp: new Date(1000 * (index + 1)) });
  }
  expect(history.steps).toMatchObject([
    {
      id: 2,
      name: 'Only',
      type: 'Pass',
      status: 'SUCCEEDED',
      attempts: 1,
      enteredDate: new Date(2000),
      exitedDate: new Date(3000),
    },
  ]);
  expect(history.stepOf(3)).toBe(history.steps[0]);
});

test('a Task has its number of attempts, and is RETRYING before a retry', async () => {
  let calls = 0;
  const busyTwice = async () => {
    calls += 1;
    if (calls <= 2) throw new StatesError('Busy', 'Later.');
    return {};
  };
  const definition = machine({ Call: terminal({ ...invoke, Retry: retry }) });
  const tasks = { 'lambda:invoke': busyTwice };
  expect(await stepsOf(definition, { tasks })).toEqual(['Call SUCCEEDED attempts 3']);
  calls = 0;
  expect(await stepsOf(definition, { tasks }, 'TaskFailed')).toEqual(['Call RETRYING Busy']);
});

test('a step whose error is caught is CAUGHT, otherwise FAILED', async () => {
  const tasks = { 'lambda:invoke': refuse };
  const caught = machine({
    Call: { ...invoke, End: true, Catch: [{ ErrorEquals: ['Refused'], Next: 'Stop' }] },
    Stop: { Type: 'Fail', Error: 'Stopped' },
  });
  expect(await stepsOf(caught, { tasks })).toEqual(['Call CAUGHT Refused', 'Stop FAILED Stopped']);
  expect(await stepsOf(machine({ Call: terminal(invoke) }), { tasks })).toEqual([
    'Call FAILED Refused',
  ]);
});

test('the step of an expression that fails is FAILED', async () => {
  const definition = machine({
    First: { Type: 'Pass', Next: 'Second' },
    Second: { Type: 'Pass', Output: '{% $number("x") %}', End: true },
  });
  expect(await stepsOf(definition)).toEqual([
    'First SUCCEEDED',
    'Second FAILED States.QueryEvaluationError',
  ]);
});

test('steps of branches are within their Parallel; a branch that fails aborts the others', async () => {
  const branches = [
    workflow({ A1: { Type: 'Pass', Next: 'A2' }, A2: terminal({ Type: 'Pass' }) }),
    workflow({ B1: terminal({ Type: 'Wait', Seconds: 5 }) }),
  ];
  const succeeds = machine({
    Both: { Type: 'Parallel', Branches: branches, Next: 'After' },
    After: terminal({ Type: 'Pass' }),
  });
  expect((await stepsOf(succeeds)).toSorted()).toEqual([
    'After SUCCEEDED',
    'Both > A1 SUCCEEDED',
    'Both > A2 SUCCEEDED',
    'Both > B1 SUCCEEDED',
    'Both SUCCEEDED',
  ]);
  const fails = machine({
    Both: terminal({
      Type: 'Parallel',
      Branches: [
        workflow({ Bad: terminal(invoke) }),
        workflow({ Slow: terminal({ Type: 'Wait', Seconds: 5 }) }),
      ],
    }),
  });
  expect(await stepsOf(fails, { tasks: { 'lambda:invoke': refuse } })).toEqual([
    'Both FAILED Refused',
    'Both > Bad FAILED Refused',
    'Both > Slow ABORTED',
  ]);
});

test.each(['Parallel', 'Map'])(
  'a branch that fails aborts a %s in another branch',
  async (Type) => {
    const slow = workflow({ Slow: terminal({ Type: 'Wait', Seconds: 5 }) });
    const inner =
      Type === 'Map' ? { Type, Items: [1], ItemProcessor: slow } : { Type, Branches: [slow] };
    const definition = machine({
      Both: terminal({
        Type: 'Parallel',
        Branches: [workflow({ Bad: terminal(invoke) }), workflow({ Inner: terminal(inner) })],
      }),
    });
    const steps = await stepsOf(definition, { tasks: { 'lambda:invoke': refuse } });
    expect(steps.filter((step) => !step.includes('Slow'))).toEqual([
      'Both FAILED Refused',
      'Both > Bad FAILED Refused',
      'Both > Inner ABORTED',
    ]);
  },
);

test('a retried Parallel has its number of attempts', async () => {
  let calls = 0;
  const busyOnce = async () => {
    calls += 1;
    if (calls === 1) throw new StatesError('Busy', 'Later.');
    return {};
  };
  const definition = machine({
    Both: terminal({
      Type: 'Parallel',
      Branches: [workflow({ Call: terminal(invoke) })],
      Retry: retry,
    }),
  });
  expect(await stepsOf(definition, { tasks: { 'lambda:invoke': busyOnce } })).toEqual([
    'Both SUCCEEDED attempts 2',
    'Both > Call FAILED Busy',
    'Both > Call SUCCEEDED',
  ]);
});

test('a retry of a Parallel aborts the steps of the attempt before, even of nested branches', async () => {
  let calls = 0;
  const busyOnce = async () => {
    calls += 1;
    if (calls === 1) throw new StatesError('Busy', 'Later.');
    return {};
  };
  const slow = workflow({ Slow: terminal({ Type: 'Wait', Seconds: 5 }) });
  const definition = machine({
    Both: terminal({
      Type: 'Parallel',
      Branches: [
        workflow({ Call: terminal(invoke) }),
        workflow({ Inner: terminal({ Type: 'Parallel', Branches: [slow] }) }),
      ],
      Retry: retry,
    }),
  });
  const tasks = { 'lambda:invoke': busyOnce };
  // Only the second attempt has a TaskSucceeded.
  expect((await stepsOf(definition, { tasks }, 'TaskSucceeded')).toSorted()).toEqual([
    'Both > Call FAILED Busy',
    'Both > Call RUNNING',
    'Both > Inner ABORTED',
    'Both > Inner RUNNING',
    'Both RUNNING attempts 2',
    'Inner > Slow ABORTED',
  ]);
});

test('iterations of a Map are numbered, even of nested ones', async () => {
  const inner = {
    Type: 'Map',
    Items: [7],
    ItemProcessor: workflow({ Leaf: terminal({ Type: 'Pass' }) }),
  };
  const definition = machine({
    Each: terminal({
      Type: 'Map',
      Items: [1, 2],
      MaxConcurrency: 1,
      ItemProcessor: workflow({
        Before: { Type: 'Pass', Next: 'Nested' },
        Nested: terminal(inner),
      }),
    }),
  });
  expect(await stepsOf(definition)).toEqual([
    'Each SUCCEEDED',
    'Each[0] > Before SUCCEEDED',
    'Each[0] > Nested SUCCEEDED',
    'Nested[0] > Leaf SUCCEEDED',
    'Each[1] > Before SUCCEEDED',
    'Each[1] > Nested SUCCEEDED',
    'Nested[0] > Leaf SUCCEEDED',
  ]);
});

test('a step that the end of the execution interrupts is ABORTED', async () => {
  const definition = machine(
    { Rest: terminal({ Type: 'Wait', Seconds: 60 }) },
    { TimeoutSeconds: 5 },
  );
  expect(await stepsOf(definition)).toEqual(['Rest ABORTED']);
});

describe('after a redrive', () => {
  /** Adds events, the first with the id 1, and returns the steps. */
  function add(events: readonly [HistoryEventType, previousEventId: number, name?: string][]) {
    const history = createStepHistory();
    for (const [index, [type, previousEventId, name]] of events.entries()) {
      const event: HistoryEvent = {
        type,
        previousEventId,
        id: index + 1,
        timestamp: new Date(1000 * (index + 1)),
      };
      if (name !== undefined && type.endsWith('Entered')) event.stateEnteredEventDetails = { name };
      if (name !== undefined && type.endsWith('Exited')) event.stateExitedEventDetails = { name };
      history.add(event);
    }
    return history.steps;
  }

  const failedTask: Parameters<typeof add>[0] = [
    ['ExecutionStarted', 0],
    ['TaskStateEntered', 0, 'Call'],
    ['TaskScheduled', 2],
    ['TaskStarted', 3],
    ['TaskFailed', 4],
    ['ExecutionFailed', 5],
    ['ExecutionRedriven', 6],
  ];

  test('a failed task continues with another attempt', () => {
    expect(add(failedTask).map(summaryOf)).toEqual(['Call FAILED']);
    const running = add([...failedTask, ['TaskScheduled', 2]]);
    expect(running).toMatchObject([{ status: 'RUNNING', exitedDate: undefined, changedBy: 8 }]);
    const ended = add([
      ...failedTask,
      ['TaskScheduled', 2],
      ['TaskStarted', 8],
      ['TaskSucceeded', 9],
      ['TaskStateExited', 10, 'Call'],
      ['PassStateEntered', 11, 'After'],
      ['PassStateExited', 12, 'After'],
      ['ExecutionSucceeded', 13],
    ]);
    expect(ended.map(summaryOf)).toEqual(['Call SUCCEEDED attempts 2', 'After SUCCEEDED']);
  });

  test('branches of a Parallel that failed or were aborted continue inside it', () => {
    const steps = add([
      ['ExecutionStarted', 0],
      ['ParallelStateEntered', 0, 'Both'],
      ['ParallelStateStarted', 2],
      ['TaskStateEntered', 3, 'Bad'],
      ['WaitStateEntered', 3, 'Slow'],
      ['TaskScheduled', 4],
      ['TaskFailed', 6],
      ['ParallelStateFailed', 7],
      ['ExecutionFailed', 8],
      ['ExecutionRedriven', 9],
      ['TaskScheduled', 4],
      ['TaskSucceeded', 11],
      ['TaskStateExited', 12, 'Bad'],
      ['WaitStateExited', 5, 'Slow'],
      ['PassStateEntered', 14, 'Next'],
      ['PassStateExited', 15, 'Next'],
      ['ParallelStateSucceeded', 16],
      ['ParallelStateExited', 17, 'Both'],
      ['ExecutionSucceeded', 18],
    ]);
    expect(steps.map(summaryOf)).toEqual([
      'Both SUCCEEDED',
      'Both > Bad SUCCEEDED attempts 2',
      'Both > Slow SUCCEEDED',
      'Both > Next SUCCEEDED',
    ]);
  });

  test('a state that is entered again is another step', () => {
    const steps = add([
      ['ExecutionStarted', 0],
      ['FailStateEntered', 0, 'Stop'],
      ['ExecutionFailed', 2],
      ['ExecutionRedriven', 3],
      ['FailStateEntered', 4, 'Stop'],
      ['ExecutionFailed', 5],
    ]);
    expect(steps.map(summaryOf)).toEqual(['Stop FAILED', 'Stop FAILED']);
    expect(steps.map(({ id }) => id)).toEqual([2, 5]);
  });
});
