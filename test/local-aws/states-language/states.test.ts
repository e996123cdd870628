import { describe, expect, test } from 'vitest';
import { type Json, StatesError } from '../../../src/local-aws/states-language/execution.ts';
import {
  contextFor,
  eventTypes,
  execute,
  failureOf,
  machine,
  type Options,
  outputOf,
  single,
  startTime,
  terminal,
  workflow,
} from './execute.ts';

const putItem = 'arn:aws:states:::dynamodb:putItem';
const echo = { 'dynamodb:putItem': async (taskArguments: Json) => taskArguments };
const input = { user: { name: 'A' }, list: ['a', 'b'] };
const item = { Index: 1, Value: 'b' };

const iterate = (state: object, more: object = {}): object =>
  single({
    Type: 'Map',
    Items: '{% $states.input.list %}',
    ItemProcessor: within(state),
    ...more,
  });

const within = (state: object, name = 'Inner') => workflow({ [name]: terminal(state) });

describe('the output of a state', () => {
  const cases: [string, object, Json, Options?][] = [
    ['Pass: its input', single({ Type: 'Pass' }), input],
    [
      'Pass: its Output',
      single({ Type: 'Pass', Output: ['{% $states.input.user.name %}'] }),
      ['A'],
    ],
    ['Pass: an empty Output', single({ Type: 'Pass', Output: '' }), ''],
    ['Pass: a null Output', single({ Type: 'Pass', Output: null }), null],
    ['Succeed: its input', single({ Type: 'Succeed' }), input],
    [
      'Succeed: its Output',
      single({ Type: 'Succeed', Output: '{% $states.input.user %}' }),
      { name: 'A' },
    ],
    ['Task: the result of its input', single({ Type: 'Task', Resource: putItem }), input],
    [
      'Task: the result of its Arguments',
      single({
        Type: 'Task',
        Resource: putItem,
        Arguments: { a: '{% $states.input.user.name %}' },
      }),
      { a: 'A' },
    ],
    ['Task: a null result', single({ Type: 'Task', Resource: putItem, Arguments: null }), null],
    [
      'Task: its Output',
      single({ Type: 'Task', Resource: putItem, Arguments: 1, Output: '{% $states.result + 1 %}' }),
      2,
    ],
    ['Wait: its input', single({ Type: 'Wait', Seconds: 1 }), input],
    ['Wait: its Output', single({ Type: 'Wait', Seconds: 0, Output: 'done' }), 'done'],
    [
      'Parallel: the outputs of its branches',
      single({
        Type: 'Parallel',
        Branches: [within({ Type: 'Pass', Output: 1 }, 'A'), within({ Type: 'Succeed' }, 'B')],
      }),
      [1, input],
    ],
    [
      'Parallel: its Output, from branches that get its Arguments',
      single({
        Type: 'Parallel',
        Arguments: { n: 2 },
        Branches: [within({ Type: 'Pass', Output: '{% $states.input.n * 2 %}' })],
        Output: '{% $states.result[0] %}',
      }),
      4,
    ],
    [
      'Map: the outputs of its iterations',
      iterate({ Type: 'Pass', Output: "{% $states.input & '!' %}" }),
      ['a!', 'b!'],
    ],
    ['Map: its Output', iterate({ Type: 'Pass' }, { Output: '{% $count($states.result) %}' }), 2],
    ['Map: with literal Items', iterate({ Type: 'Pass' }, { Items: [1, '{% 1 + 1 %}'] }), [1, 2]],
    [
      'Map: without Items, from its input',
      single({ Type: 'Map', ItemProcessor: within({ Type: 'Pass' }) }),
      [3, 4],
      { input: [3, 4] },
    ],
    ['Map: an empty array for no items', iterate({ Type: 'Pass' }, { Items: [] }), []],
    [
      'Map: with an ItemSelector',
      iterate(
        { Type: 'Pass' },
        {
          ItemSelector: {
            item: '{% $states.context.Map.Item %}',
            user: '{% $states.input.user.name %}',
          },
        },
      ),
      [
        { item: { Index: 0, Value: 'a' }, user: 'A' },
        { item, user: 'A' },
      ],
    ],
    [
      'Map: with $states.context.Map.Item in a nested state',
      iterate({ Type: 'Pass', Output: '{% $states.context.Map.Item.Index %}' }),
      [0, 1],
    ],
    [
      'Map: with the deprecated Iterator',
      single({ Type: 'Map', Items: [1], Iterator: within({ Type: 'Pass' }) }),
      [1],
    ],
    [
      'Map: in INLINE mode',
      iterate(
        { Type: 'Pass' },
        {
          ItemProcessor: {
            ProcessorConfig: { Mode: 'INLINE' },
            ...within({ Type: 'Pass' }),
          },
        },
      ),
      ['a', 'b'],
    ],
  ];
  test.each(cases)('%s', async (_what, definition, expected, options) => {
    expect(await outputOf(definition, { input, tasks: echo, ...options })).toStrictEqual(expected);
  });
});

describe('Choice', () => {
  const end = { Type: 'Pass', End: true };
  const choice = (more: object = {}) =>
    machine({
      Dispatch: {
        Type: 'Choice',
        Choices: [
          {
            Condition: '{% $states.input.n > 10 %}',
            Output: 'large',
            Assign: { size: 'L' },
            Next: 'End',
          },
          { Condition: '{% $states.input.n > 5 %}', Next: 'End' },
          { Condition: false, Next: 'End' },
        ],
        Output: 'neither',
        Assign: { size: 'S' },
        ...more,
      },
      End: { ...end, Output: ['{% $states.input %}', "{% $exists($size) ? $size : 'unset' %}"] },
    });

  test.each([
    ['takes the first rule that matches', 11, ['large', 'L']],
    ["passes its input on, without the state's own Output", 6, [{ n: 6 }, 'unset']],
    ["uses the state's Output and Assign with Default", 1, ['neither', 'S']],
  ])('%s', async (_what, n, expected) => {
    expect(await outputOf(choice({ Default: 'End' }), { input: { n } })).toEqual(expected);
  });

  test('fails if no rule matches and there is no Default', async () => {
    expect(await failureOf(choice(), { input: { n: 1 } })).toMatchObject({
      status: 'FAILED',
      error: 'States.NoChoiceMatched',
    });
  });

  test.each(['{% 1 %}', '{% $states.input.absent %}', "{% 'true' %}"])(
    'refuses the Condition %s',
    async (Condition) => {
      const definition = machine({
        Dispatch: { Type: 'Choice', Choices: [{ Condition, Next: 'End' }] },
        End: end,
      });
      const { outcome, events } = await execute(definition);
      expect(outcome).toMatchObject({ error: 'States.QueryEvaluationError' });
      expect(events).toContainEqual(
        expect.objectContaining({
          evaluationFailedEventDetails: expect.objectContaining({
            location: 'Choices[0]/Condition',
          }),
        }),
      );
    },
  );
});

describe('Wait', () => {
  test.each([
    ['for Seconds', { Seconds: 90 }, [90]],
    ['for Seconds in JSONata', { Seconds: '{% $states.input.seconds %}' }, [7]],
    ['until a Timestamp', { Timestamp: '2025-11-10T10:31:00Z' }, [60]],
    [
      'until a Timestamp in JSONata with offset',
      { Timestamp: '{% $states.input.until %}' },
      [30.5],
    ],
    ['no time for a Timestamp in the past', { Timestamp: '2016-03-14T01:59:00Z' }, []],
    ['no time for zero Seconds', { Seconds: 0 }, []],
  ])('waits %s', async (_what, fields, expected) => {
    const options = { input: { seconds: 7, until: '2025-11-10T11:30:30.5+01:00' } };
    const { sleeps, elapsed } = await execute(single({ Type: 'Wait', ...fields }), options);
    expect(sleeps).toEqual(expected);
    expect(elapsed).toBe(expected[0] ?? 0);
  });

  test.each([
    { Seconds: '{% -1 %}' },
    { Seconds: '{% 1.5 %}' },
    { Seconds: "{% '1' %}" },
    { Seconds: '{% 100000000 %}' },
    { Timestamp: "{% '2016-03-14' %}" },
    { Timestamp: "{% '2016-03-14 01:59:00Z' %}" },
    { Timestamp: "{% '2016-13-14T01:59:00Z' %}" },
    { Timestamp: '{% 0 %}' },
  ])('refuses %o', async (fields) => {
    expect(await failureOf(single({ Type: 'Wait', ...fields }))).toMatchObject({
      error: 'States.QueryEvaluationError',
    });
  });
});

describe('Fail', () => {
  test.each([
    ['Error and Cause', { Error: 'E', Cause: 'C' }, 'E', 'C'],
    [
      'Error and Cause in JSONata',
      { Error: '{% $states.input.e %}', Cause: "{% 'because ' & $states.input.e %}" },
      'X',
      'because X',
    ],
    ['Error alone', { Error: 'E' }, 'E', undefined],
    ['neither Error nor Cause', {}, undefined, undefined],
  ])('fails the execution with %s', async (_what, fields, error, cause) => {
    const { outcome, events } = await execute(single({ Type: 'Fail', ...fields }), {
      input: { e: 'X' },
    });
    expect(outcome).toEqual({ status: 'FAILED', error, cause });
    expect(eventTypes(events)).toEqual(['ExecutionStarted', 'FailStateEntered', 'ExecutionFailed']);
  });

  test('refuses an Error that is not a string', async () => {
    expect(await failureOf(single({ Type: 'Fail', Error: '{% 1 %}' }))).toMatchObject({
      error: 'States.QueryEvaluationError',
    });
  });
});

describe('Parallel and Map', () => {
  /** Returns a task that never ends, and the arguments of its cancelled calls. */
  function pending() {
    const cancelled: unknown[] = [];
    const task = (taskArguments: Json, signal: AbortSignal) =>
      new Promise<Json>(() => {
        signal.addEventListener('abort', () => cancelled.push(taskArguments));
      });
    return { cancelled, task };
  }

  test('a failed branch cancels the others', async () => {
    const { cancelled, task } = pending();
    const definition = single({
      Type: 'Parallel',
      Branches: [
        within({ Type: 'Task', Resource: putItem, Arguments: 'waiting' }, 'Waiting'),
        within({ Type: 'Fail', Error: 'Broken', Cause: 'of itself' }, 'Broken'),
      ],
    });
    const failure = await failureOf(definition, { tasks: { 'dynamodb:putItem': task } });
    expect(failure).toEqual({ status: 'FAILED', error: 'Broken', cause: 'of itself' });
    expect(cancelled).toEqual(['waiting']);
  });

  test('a failed iteration cancels the others and starts no more', async () => {
    const { cancelled, task } = pending();
    const started: Json[] = [];
    const definition = iterate(
      { Type: 'Task', Resource: putItem },
      { Items: [1, 2, 3], MaxConcurrency: 2 },
    );
    const failing = async (taskArguments: Json, signal: AbortSignal) => {
      started.push(taskArguments);
      if (taskArguments === 1) return task(taskArguments, signal);
      throw new Error('broken');
    };
    const failure = await failureOf(definition, { tasks: { 'dynamodb:putItem': failing } });
    expect(failure).toMatchObject({ error: 'States.TaskFailed', cause: 'broken' });
    expect(cancelled).toEqual([1]);
    expect(started).toEqual([1, 2]);
  });

  test.each([
    [1, 1],
    [3, 3],
    [0, 40],
    ['{% 2 %}', 2],
    [1000, 40],
    [undefined, 40],
  ])('MaxConcurrency %o runs %i iterations concurrently', async (limit, expected) => {
    let running = 0;
    let maxRunning = 0;
    const allStarted = Promise.withResolvers<void>();
    const task = async (value: Json) => {
      running += 1;
      maxRunning = Math.max(maxRunning, running);
      if (running === expected) allStarted.resolve();
      await allStarted.promise;
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return value;
    };
    const items = Array.from({ length: 50 }, (_, index) => index);
    const more = limit === undefined ? {} : { MaxConcurrency: limit };
    const definition = iterate({ Type: 'Task', Resource: putItem }, { Items: items, ...more });
    expect(await outputOf(definition, { tasks: { 'dynamodb:putItem': task } })).toEqual(items);
    expect(maxRunning).toBe(expected);
  });

  const odd = {
    'dynamodb:putItem': async (value: Json) => {
      if (Number(value) % 2 === 1) throw new Error('odd');
      return value;
    },
  };
  const tolerant = (more: object) =>
    iterate(
      { Type: 'Task', Resource: putItem },
      { Items: [1, 2, 3, 4], MaxConcurrency: 1, ...more },
    );

  test.each([
    [{ ToleratedFailureCount: 2 }],
    [{ ToleratedFailurePercentage: 50 }],
    [{ ToleratedFailurePercentage: '{% 99.5 %}', ToleratedFailureCount: '{% 2 %}' }],
  ])('%o tolerates two failures of four', async (more) => {
    const failed = { Error: 'States.TaskFailed', Cause: 'odd' };
    expect(await outputOf(tolerant(more), { tasks: odd })).toEqual([failed, 2, failed, 4]);
  });

  test.each([
    [{}, 'States.TaskFailed'],
    [{ ToleratedFailureCount: 0 }, 'States.TaskFailed'],
    [{ ToleratedFailureCount: 1 }, 'States.ExceedToleratedFailureThreshold'],
    [{ ToleratedFailurePercentage: 49 }, 'States.ExceedToleratedFailureThreshold'],
    [
      { ToleratedFailurePercentage: 100, ToleratedFailureCount: 1 },
      'States.ExceedToleratedFailureThreshold',
    ],
  ])('%o does not tolerate two failures of four', async (more, error) => {
    expect(await failureOf(tolerant(more), { tasks: odd })).toMatchObject({ error });
  });

  test.each([
    ['Items that are not an array', { Items: '{% 1 %}' }],
    ['a negative MaxConcurrency', { MaxConcurrency: '{% -1 %}' }],
    ['a percentage over 100', { ToleratedFailurePercentage: '{% 101 %}' }],
    ['an ItemSelector without a result', { ItemSelector: '{% $states.input.absent %}' }],
  ])('a Map fails for %s', async (_what, more) => {
    expect(await failureOf(iterate({ Type: 'Pass' }, more), { input })).toMatchObject({
      error: 'States.QueryEvaluationError',
    });
  });

  test('a Map evaluates ItemSelector for an iteration only when the iteration starts', async () => {
    const definition = single({
      Type: 'Map',
      Items: '{% [1..1000] %}',
      MaxConcurrency: 2,
      ItemSelector: "{% $states.context.Map.Item.Index < 2 ? 'fine' : $error('too early') %}",
      ItemProcessor: workflow({ Inner: { Type: 'Fail', Error: 'First' } }),
    });
    expect(await failureOf(definition)).toMatchObject({ error: 'First' });
  });

  test('a Map fails as soon as its outputs are too large, without running the rest', async () => {
    const definition = single({
      Type: 'Map',
      Items: '{% [1..1000] %}',
      MaxConcurrency: 5,
      ItemProcessor: within({ Type: 'Pass', Output: "{% $pad('', 100000, 'x') %}" }),
    });
    const { outcome, events } = await execute(definition);
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
    const types = eventTypes(events);
    expect(types.filter((type) => type === 'MapIterationStarted').length).toBeLessThan(20);
    expect(types.slice(-2)).toEqual(['MapStateFailed', 'ExecutionFailed']);
  });

  test('an iteration that succeeds is not aborted by one that fails at the same moment', async () => {
    const gate = Promise.withResolvers<void>();
    const task = async (item: Json) => {
      if (item === 1) {
        await gate.promise;
        return item;
      }
      // So long that the execution yields to the event loop when the first iteration ends.
      for (const began = performance.now(); performance.now() < began + 15; );
      gate.resolve();
      // The first iteration takes some more microtasks to end.
      for (let step = 0; step < 100; step += 1) await undefined;
      throw new StatesError('Late', 'It fails.');
    };
    const definition = single({
      Type: 'Map',
      Items: [1, 2],
      ItemProcessor: within({ Type: 'Task', Resource: putItem }),
    });
    const { events } = await execute(definition, { tasks: { 'dynamodb:putItem': task } });
    const types = eventTypes(events);
    expect(types).toContain('MapIterationSucceeded');
    expect(types).not.toContain('MapIterationAborted');
    // The iteration that failed.
    expect(types.filter((type) => type === 'TaskStateAborted')).toHaveLength(1);
  });

  test('the time that one expression takes does not count for the timeout of another', async () => {
    const slow = '{% $sum([1..20000].($ * 2)) %}';
    const definition = single({
      Type: 'Map',
      Items: '{% [1..60] %}',
      ItemProcessor: within({ Type: 'Pass', Output: slow }),
    });
    expect((await execute(definition)).outcome.status).toBe('SUCCEEDED');
  });

  test('a Map without Items refuses an input that is not an array', async () => {
    const definition = single({ Type: 'Map', ItemProcessor: within({ Type: 'Pass' }) });
    expect(await failureOf(definition, { input: { a: 1 } })).toMatchObject({
      error: 'States.QueryEvaluationError',
    });
  });
});

describe('Task', () => {
  test.each([
    ['arn:aws:states:::sns:publish', 'sns:publish'],
    [
      'arn:aws:states:::dynamodb:putItem.waitForTaskToken',
      "It does not support '.waitForTaskToken'",
    ],
    ['arn:aws:states:::states:startExecution.sync:2', "It does not support '.sync:2'"],
    ['arn:aws:lambda:eu-west-1:123456789012:function:f', 'function:f'],
    ['arn:aws:states:eu-west-1:123456789012:activity:a', 'activity:a'],
  ])('fails for the resource %s and lists the supported ones', async (Resource, named) => {
    const definition = machine({
      Call: {
        Type: 'Task',
        Resource,
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'End' }],
        Next: 'End',
      },
      End: { Type: 'Succeed' },
    });
    const tasks = { ...echo, 'sqs:sendMessage': echo['dynamodb:putItem'] };
    const failure = await failureOf(definition, { tasks });
    expect(failure).toMatchObject({ error: 'States.Runtime' });
    expect(failure?.cause).toContain(named);
    expect(failure?.cause).toContain('Supported: dynamodb:putItem, sqs:sendMessage.');
  });
});

describe('$states.context', () => {
  test('describes the execution, the state machine and the state', async () => {
    const definition = machine({
      First: { Type: 'Wait', Seconds: 5, Next: 'Second' },
      Second: { Type: 'Succeed', Output: '{% $states.context %}' },
    });
    expect(await outputOf(definition, { input })).toEqual({
      ...contextFor(input),
      State: {
        Name: 'Second',
        EnteredTime: new Date(Date.parse(startTime) + 5000).toISOString(),
      },
    });
  });
});

describe('data of more than 262,144 bytes', () => {
  const exactly = (bytes: number) => 'ä'.repeat((bytes - 2) / 2);
  const pad = (bytes: number) => `{% $pad('', ${bytes / 2 - 1}, 'ä') %}`;
  const tooLarge = { error: 'States.DataLimitExceeded' };

  test('is refused as a Task result, and caught by States.ALL', async () => {
    const definition = (name: string) =>
      machine({
        Call: {
          Type: 'Task',
          Resource: putItem,
          Catch: [{ ErrorEquals: [name], Next: 'End' }],
          Next: 'End',
        },
        End: { Type: 'Succeed', Output: 'end' },
      });
    const returning = (bytes: number) => ({
      tasks: { 'dynamodb:putItem': async () => exactly(bytes) },
    });
    expect(await outputOf(definition('States.ALL'), returning(262_144))).toBe('end');
    expect(await outputOf(definition('States.ALL'), returning(262_146))).toBe('end');
    expect(await failureOf(definition('States.TaskFailed'), returning(262_146))).toMatchObject(
      tooLarge,
    );
    expect(await outputOf(definition('States.DataLimitExceeded'), returning(262_146))).toBe('end');
  });

  test.each([
    ['Output', single({ Type: 'Pass', Output: ['{% $states.input %}', 1] })],
    [
      'Arguments',
      single({ Type: 'Task', Resource: putItem, Arguments: ['{% $states.input %}', 1] }),
    ],
    ['Assign', single({ Type: 'Pass', Assign: { x: ['{% $states.input %}', 1] } })],
    ['the result of Map', iterate({ Type: 'Pass' }, { Items: [pad(262_144)] })],
  ])('is refused in %s', async (_field, definition) => {
    const options = { input: exactly(262_144), tasks: echo };
    expect(await outputOf(single({ Type: 'Pass' }), options)).toHaveLength(131_071);
    expect(await failureOf(definition, options)).toMatchObject(tooLarge);
  });
});
