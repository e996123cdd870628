import { describe, expect, test } from 'vitest';
import { type Json, StatesError } from '../../../src/local-aws/states-language/execution.ts';
import { execute, links, machine, type Options, single, terminal, workflow } from './execute.ts';

const truncated = { truncated: false };

const linksOf = async (definition: object, options?: Options) =>
  links((await execute(definition, options)).events);

const within = (state: object, name = 'Inner') => workflow({ [name]: terminal(state) });
const invoke = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke' };

describe('the history', () => {
  test('has events with the details of AWS', async () => {
    const definition = machine({
      Start: { Type: 'Pass', Assign: { x: { a: 1 } }, Next: 'Call' },
      Call: {
        ...invoke,
        Arguments: { n: '{% $x.a %}' },
        TimeoutSeconds: 9,
        HeartbeatSeconds: 5,
        End: true,
      },
    });
    const tasks = { 'lambda:invoke': async () => ({ ok: true }) };
    const { events } = await execute(definition, { input: { in: 1 }, tasks });
    const resource = { resourceType: 'lambda', resource: 'invoke' };
    expect(events).toEqual([
      {
        type: 'ExecutionStarted',
        previousEventId: 0,
        executionStartedEventDetails: {
          input: '{"in":1}',
          inputDetails: truncated,
          roleArn: 'arn:aws:iam::123456789012:role/machine',
        },
      },
      {
        type: 'PassStateEntered',
        previousEventId: 0,
        stateEnteredEventDetails: { name: 'Start', input: '{"in":1}', inputDetails: truncated },
      },
      {
        type: 'PassStateExited',
        previousEventId: 2,
        stateExitedEventDetails: {
          name: 'Start',
          output: '{"in":1}',
          outputDetails: truncated,
          assignedVariables: { x: '{"a":1}' },
          assignedVariablesDetails: truncated,
        },
      },
      {
        type: 'TaskStateEntered',
        previousEventId: 3,
        stateEnteredEventDetails: { name: 'Call', input: '{"in":1}', inputDetails: truncated },
      },
      {
        type: 'TaskScheduled',
        previousEventId: 4,
        taskScheduledEventDetails: {
          ...resource,
          region: 'eu-west-1',
          parameters: '{"n":1}',
          timeoutInSeconds: 9,
          heartbeatInSeconds: 5,
        },
      },
      { type: 'TaskStarted', previousEventId: 5, taskStartedEventDetails: resource },
      {
        type: 'TaskSucceeded',
        previousEventId: 6,
        taskSucceededEventDetails: { ...resource, output: '{"ok":true}', outputDetails: truncated },
      },
      {
        type: 'TaskStateExited',
        previousEventId: 7,
        stateExitedEventDetails: { name: 'Call', output: '{"ok":true}', outputDetails: truncated },
      },
      {
        type: 'ExecutionSucceeded',
        previousEventId: 8,
        executionSucceededEventDetails: { output: '{"ok":true}', outputDetails: truncated },
      },
    ]);
  });

  test('has the error of a failed Task', async () => {
    const task = async () => {
      throw new StatesError('E', 'why');
    };
    const { events } = await execute(single(invoke), { tasks: { 'lambda:invoke': task } });
    expect(events.slice(-2)).toEqual([
      {
        type: 'TaskFailed',
        previousEventId: 4,
        taskFailedEventDetails: {
          resourceType: 'lambda',
          resource: 'invoke',
          error: 'E',
          cause: 'why',
        },
      },
      {
        type: 'ExecutionFailed',
        previousEventId: 5,
        executionFailedEventDetails: { error: 'E', cause: 'why' },
      },
    ]);
  });

  test.each(['Pass', 'Succeed', 'Wait'])('has the entry and the exit of a %s', async (Type) => {
    const seconds = Type === 'Wait' ? { Seconds: 1 } : {};
    expect(await linksOf(single({ Type, ...seconds }))).toEqual([
      '1 ExecutionStarted 0',
      `2 ${Type}StateEntered 0`,
      `3 ${Type}StateExited 2`,
      '4 ExecutionSucceeded 3',
    ]);
  });

  test('links sequential iterations of a Map one to the next', async () => {
    const definition = single({
      Type: 'Map',
      Items: [1, 2],
      MaxConcurrency: 1,
      ItemProcessor: within({ Type: 'Pass' }),
    });
    expect(await linksOf(definition)).toEqual([
      '1 ExecutionStarted 0',
      '2 MapStateEntered 0',
      '3 MapStateStarted 2',
      '4 MapIterationStarted 3',
      '5 PassStateEntered 4',
      '6 PassStateExited 5',
      '7 MapIterationSucceeded 6',
      '8 MapIterationStarted 6',
      '9 PassStateEntered 8',
      '10 PassStateExited 9',
      '11 MapIterationSucceeded 10',
      '12 MapStateSucceeded 11',
      '13 MapStateExited 11',
      '14 ExecutionSucceeded 13',
    ]);
  });

  test('shows concurrent iterations as aborted when one fails', async () => {
    const task = async (value: Json) => {
      if (value === 1) throw new StatesError('E', '');
      return new Promise<Json>(() => {});
    };
    const definition = single({ Type: 'Map', Items: [0, 1], ItemProcessor: within(invoke) });
    const { events } = await execute(definition, { tasks: { 'lambda:invoke': task } });
    expect(links(events)).toEqual([
      '1 ExecutionStarted 0',
      '2 MapStateEntered 0',
      '3 MapStateStarted 2',
      '4 MapIterationStarted 3',
      '5 MapIterationStarted 3',
      '6 TaskStateEntered 4',
      '7 TaskScheduled 6',
      '8 TaskStarted 7',
      '9 TaskStateEntered 5',
      '10 TaskScheduled 9',
      '11 TaskStarted 10',
      '12 TaskFailed 11',
      '13 MapIterationFailed 12',
      '14 MapIterationAborted 12',
      '15 TaskStateAborted 12',
      '16 TaskStateAborted 12',
      '17 MapStateFailed 12',
      '18 ExecutionFailed 17',
    ]);
    expect(events[2]).toHaveProperty('mapStateStartedEventDetails', { length: 2 });
    expect(events[4]).toHaveProperty('mapIterationStartedEventDetails', { name: 'Only', index: 1 });
    expect(events[12]).toHaveProperty('mapIterationFailedEventDetails', { name: 'Only', index: 1 });
    expect(events[13]).toHaveProperty('mapIterationAbortedEventDetails', {
      name: 'Only',
      index: 0,
    });
  });

  test('does not show ended iterations as aborted when one fails', async () => {
    const task = async (value: Json) => {
      if (value === 0) return null;
      throw new StatesError('E', '');
    };
    const definition = single({
      Type: 'Map',
      Items: [0, 1],
      MaxConcurrency: 1,
      ItemProcessor: within(invoke),
    });
    const events = await linksOf(definition, { tasks: { 'lambda:invoke': task } });
    expect(events.slice(-6)).toEqual([
      '14 TaskStarted 13',
      '15 TaskFailed 14',
      '16 MapIterationFailed 15',
      '17 TaskStateAborted 15',
      '18 MapStateFailed 15',
      '19 ExecutionFailed 18',
    ]);
  });

  test('links the success of a Parallel to the last event of its last branch', async () => {
    const Branches = [within({ Type: 'Wait', Seconds: 1 }, 'A'), within({ Type: 'Pass' }, 'B')];
    expect(await linksOf(single({ Type: 'Parallel', Branches }))).toEqual([
      '1 ExecutionStarted 0',
      '2 ParallelStateEntered 0',
      '3 ParallelStateStarted 2',
      '4 WaitStateEntered 3',
      '5 PassStateEntered 3',
      '6 PassStateExited 5',
      '7 WaitStateExited 4',
      '8 ParallelStateSucceeded 7',
      '9 ParallelStateExited 7',
      '10 ExecutionSucceeded 9',
    ]);
  });

  test('has the failure of a Parallel that is caught', async () => {
    const Branches = [within({ Type: 'Wait', Seconds: 1 }, 'A'), within({ Type: 'Fail' }, 'B')];
    const definition = machine({
      All: {
        Type: 'Parallel',
        Branches,
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'End' }],
        End: true,
      },
      End: { Type: 'Succeed' },
    });
    expect(await linksOf(definition)).toEqual([
      '1 ExecutionStarted 0',
      '2 ParallelStateEntered 0',
      '3 ParallelStateStarted 2',
      '4 WaitStateEntered 3',
      '5 FailStateEntered 3',
      '6 WaitStateAborted 5',
      '7 ParallelStateFailed 5',
      '8 ParallelStateExited 7',
      '9 SucceedStateEntered 8',
      '10 SucceedStateExited 9',
      '11 ExecutionSucceeded 10',
    ]);
  });

  const failing = { Type: 'Fail', Error: 'E', Cause: 'C' };
  const retried = { Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1 }], End: true };

  test('has no ParallelStateFailed before a retry', async () => {
    const Branches = [workflow({ Inner: failing })];
    expect(await linksOf(machine({ Both: { Type: 'Parallel', Branches, ...retried } }))).toEqual([
      '1 ExecutionStarted 0',
      '2 ParallelStateEntered 0',
      '3 ParallelStateStarted 2',
      '4 FailStateEntered 3',
      '5 ParallelStateStarted 4',
      '6 FailStateEntered 5',
      '7 ParallelStateFailed 6',
      '8 ExecutionFailed 7',
    ]);
  });

  test('has no MapStateFailed before a retry', async () => {
    const ItemProcessor = workflow({ Inner: failing });
    const map = { Type: 'Map', Items: [1], ItemProcessor, ...retried };
    expect(await linksOf(machine({ Each: map }))).toEqual([
      '1 ExecutionStarted 0',
      '2 MapStateEntered 0',
      '3 MapStateStarted 2',
      '4 MapIterationStarted 3',
      '5 FailStateEntered 4',
      '6 MapIterationFailed 5',
      '7 MapStateStarted 5',
      '8 MapIterationStarted 7',
      '9 FailStateEntered 8',
      '10 MapIterationFailed 9',
      '11 MapStateFailed 9',
      '12 ExecutionFailed 11',
    ]);
  });
});
