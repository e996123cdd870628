import { describe, expect, test } from 'vitest';
import { type Json, StatesError } from '../../../src/local-aws/states-language/execution.ts';
import { execute, failureOf, machine, outputOf } from './execute.ts';

const resource = 'arn:aws:states:::lambda:invoke';

/** Returns a task that throws one error after another, and then returns the number of calls. */
function failing(...errors: string[]) {
  let calls = 0;
  const task = async (): Promise<Json> => {
    const error = errors[calls];
    calls += 1;
    if (error !== undefined) throw new StatesError(error, `call ${calls}`);
    return calls;
  };
  return { 'lambda:invoke': task };
}

const invoke = (more: object) => ({ Type: 'Task', Resource: resource, ...more });
const retrying = (...Retry: object[]) => machine({ Call: invoke({ Retry, End: true }) });

describe('Retry', () => {
  const cases: [string, object, string[], number[]][] = [
    ['retries three times by default, after 1, 2 and 4 s', {}, ['E', 'E', 'E'], [1, 2, 4]],
    ['waits IntervalSeconds', { IntervalSeconds: 3, MaxAttempts: 2 }, ['E', 'E'], [3, 6]],
    [
      'multiplies by BackoffRate',
      { IntervalSeconds: 2, BackoffRate: 1.5 },
      ['E', 'E', 'E'],
      [2, 3, 4.5],
    ],
    ['waits the same time with BackoffRate 1', { BackoffRate: 1 }, ['E', 'E', 'E'], [1, 1, 1]],
    [
      'waits at most MaxDelaySeconds',
      { IntervalSeconds: 3, MaxDelaySeconds: 4 },
      ['E', 'E'],
      [3, 4],
    ],
    [
      'applies FULL jitter after MaxDelaySeconds',
      { IntervalSeconds: 8, MaxDelaySeconds: 12, JitterStrategy: 'FULL' },
      ['E', 'E'],
      [2, 3],
    ],
    ['applies no jitter with NONE', { JitterStrategy: 'NONE' }, ['E'], [1]],
    [
      'retries up to MaxAttempts times',
      { MaxAttempts: 5, BackoffRate: 1 },
      ['E', 'E', 'E', 'E', 'E'],
      [1, 1, 1, 1, 1],
    ],
  ];
  test.each(cases)('%s', async (_what, fields, errors, sleeps) => {
    const options = { tasks: failing(...errors), random: () => 0.25 };
    const definition = retrying({ ErrorEquals: ['E'], ...fields });
    const execution = await execute(definition, options);
    expect(execution.outcome).toEqual({ status: 'SUCCEEDED', output: errors.length + 1 });
    expect(execution.sleeps).toEqual(sleeps);
  });

  test.each([
    ['the default of three retries', {}, [1, 2, 4]],
    ['one retry', { MaxAttempts: 1 }, [1]],
    ['no retry', { MaxAttempts: 0 }, []],
  ])('fails with the last error after %s', async (_what, fields, sleeps) => {
    const execution = await execute(retrying({ ErrorEquals: ['E'], ...fields }), {
      tasks: failing('E', 'E', 'E', 'E', 'E'),
    });
    expect(execution.outcome).toEqual({
      status: 'FAILED',
      error: 'E',
      cause: `call ${sleeps.length + 1}`,
    });
    expect(execution.sleeps).toEqual(sleeps);
  });

  test('counts the retries of each Retrier separately', async () => {
    const definition = machine({
      X: invoke({
        Retry: [
          { ErrorEquals: ['ErrorA', 'ErrorB'], IntervalSeconds: 1, BackoffRate: 2, MaxAttempts: 2 },
          { ErrorEquals: ['ErrorC'], IntervalSeconds: 5 },
        ],
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Z' }],
        Next: 'Z',
      }),
      Z: { Type: 'Succeed' },
    });
    const execution = await execute(definition, {
      tasks: failing('ErrorA', 'ErrorB', 'ErrorC', 'ErrorB'),
    });
    expect(execution.sleeps).toEqual([1, 2, 5]);
    expect(execution.outcome).toEqual({
      status: 'SUCCEEDED',
      output: { Error: 'ErrorB', Cause: 'call 4' },
    });
  });

  test('counts from zero when the state is entered again', async () => {
    const definition = machine({
      Call: invoke({
        Retry: [{ ErrorEquals: ['E'], MaxAttempts: 1 }],
        Catch: [{ ErrorEquals: ['E'], Next: 'Call' }],
        End: true,
      }),
    });
    const { outcome, sleeps } = await execute(definition, { tasks: failing('E', 'E', 'E') });
    expect(outcome).toEqual({ status: 'SUCCEEDED', output: 4 });
    expect(sleeps).toEqual([1, 1]);
  });

  test('does not use a later Retrier for an error whose Retrier has MaxAttempts 0', async () => {
    const definition = retrying(
      { ErrorEquals: ['States.Timeout'], MaxAttempts: 0 },
      { ErrorEquals: ['States.ALL'] },
    );
    expect(await failureOf(definition, { tasks: failing('States.Timeout') })).toMatchObject({
      error: 'States.Timeout',
    });
    expect(await outputOf(definition, { tasks: failing('Other') })).toBe(2);
  });

  test('sets $states.context.State.RetryCount', async () => {
    const seen: Json[] = [];
    let calls = 0;
    const task = async (taskArguments: Json) => {
      seen.push(taskArguments);
      calls += 1;
      if (calls < 3) throw new StatesError('E', '');
      return null;
    };
    const definition = machine({
      Call: invoke({
        Arguments: '{% $states.context.State.RetryCount %}',
        Retry: [{ ErrorEquals: ['E'] }],
        Output: '{% $states.context.State %}',
        End: true,
      }),
    });
    const output = await outputOf(definition, { tasks: { 'lambda:invoke': task } });
    expect(output).toMatchObject({ Name: 'Call', RetryCount: 2 });
    expect(output).toHaveProperty('EnteredTime', '2025-11-10T10:30:00.000Z');
    expect(seen).toEqual([0, 1, 2]);
  });

  test.each(['Arguments', 'Output', 'Assign'])(
    'retries a failed evaluation of %s',
    async (field) => {
      const template = { now: '{% $states.context.State.RetryCount = 1 ? 1 : $error("early") %}' };
      const definition = machine({
        Call: invoke({
          [field]: template,
          Retry: [{ ErrorEquals: ['States.QueryEvaluationError'] }],
          End: true,
        }),
      });
      const { outcome, sleeps } = await execute(definition, { tasks: failing() });
      expect(outcome.status).toBe('SUCCEEDED');
      expect(sleeps).toEqual([1]);
    },
  );

  test.each(['Parallel', 'Map'])('retries a whole %s', async (Type) => {
    const within = { StartAt: 'Call', States: { Call: invoke({ End: true }) } };
    const work = Type === 'Map' ? { Items: [1], ItemProcessor: within } : { Branches: [within] };
    const definition = machine({
      All: { Type, ...work, Retry: [{ ErrorEquals: ['E'] }], End: true },
    });
    expect(await outputOf(definition, { tasks: failing('E', 'E') })).toEqual([3]);
  });
});

describe('ErrorEquals', () => {
  const catching = (name: string) =>
    machine({
      Call: invoke({ Catch: [{ ErrorEquals: ['Unrelated', name], Next: 'Caught' }], End: true }),
      Caught: { Type: 'Succeed', Output: 'caught' },
    });
  const catchingAll = machine({
    Call: invoke({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }], End: true }),
    Caught: { Type: 'Succeed', Output: 'caught' },
  });

  test.each([
    ['Lambda.TooManyRequestsException', 'Lambda.TooManyRequestsException'],
    ['States.TaskFailed', 'E'],
    ['States.TaskFailed', 'States.Permissions'],
    ['States.Timeout', 'States.HeartbeatTimeout'],
  ])('%s matches the error %s', async (name, error) => {
    const { outcome } = await execute(catching(name), { tasks: failing(error) });
    expect(outcome.status).toBe('SUCCEEDED');
  });

  test.each([
    ['lambda.toomanyrequestsexception', 'Lambda.TooManyRequestsException'],
    ['States.TaskFailed', 'States.Timeout'],
    ['States.TaskFailed', 'States.HeartbeatTimeout'],
    ['States.HeartbeatTimeout', 'States.Timeout'],
    ['States.TaskFailed', 'States.Runtime'],
    ['States.Runtime', 'States.Runtime'],
    ['States.BranchFailed', 'E'],
  ])('%s does not match the error %s of a Task', async (name, error) => {
    const { outcome } = await execute(catching(name), { tasks: failing(error) });
    expect(outcome).toMatchObject({ status: 'FAILED', error });
  });

  test.each(['E', 'States.Timeout', 'States.DataLimitExceeded'])(
    'States.ALL matches the error %s',
    async (error) => {
      const { outcome } = await execute(catchingAll, { tasks: failing(error) });
      expect(outcome.status).toBe('SUCCEEDED');
    },
  );

  test('States.ALL does not match States.Runtime', async () => {
    const { outcome } = await execute(catchingAll, { tasks: failing('States.Runtime') });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  });

  test('States.BranchFailed matches any error of a Parallel', async () => {
    const Branches = [{ StartAt: 'Call', States: { Call: invoke({ End: true }) } }];
    const definition = machine({
      All: {
        Type: 'Parallel',
        Branches,
        Catch: [{ ErrorEquals: ['States.BranchFailed'], Next: 'Caught' }],
        End: true,
      },
      Caught: { Type: 'Succeed', Output: '{% $states.input.Error %}' },
    });
    expect(await outputOf(definition, { tasks: failing('E') })).toBe('E');
  });
});

describe('Catch', () => {
  const catching = (catcher: object, more: object = {}) =>
    machine({
      Call: invoke({
        Catch: [
          { ErrorEquals: ['Other'], Next: 'End', Output: 'wrong' },
          { ErrorEquals: ['States.ALL'], Next: 'End', ...catcher },
        ],
        Assign: { x: 'from the state' },
        Output: 'from the state',
        Next: 'End',
        ...more,
      }),
      End: { Type: 'Succeed', Output: ["{% $exists($x) ? $x : 'unset' %}", '{% $states.input %}'] },
    });
  const options = { tasks: failing('E'), input: { from: 'input' } };

  test.each([
    ['returns the Error Output by default', {}, ['unset', { Error: 'E', Cause: 'call 1' }]],
    [
      'has its own Output',
      { Output: "{% $merge([$states.input, {'error': $states.errorOutput.Error}]) %}" },
      ['unset', { from: 'input', error: 'E' }],
    ],
    [
      'has its own Assign',
      { Assign: { x: '{% $states.errorOutput.Cause %}' }, Output: null },
      ['call 1', null],
    ],
  ])('%s', async (_what, catcher, expected) => {
    const execution = await execute(catching(catcher), { ...options, tasks: failing('E') });
    expect(execution.outcome).toEqual({ status: 'SUCCEEDED', output: expected });
  });

  test('applies after the last retry', async () => {
    const definition = catching({}, { Retry: [{ ErrorEquals: ['E'], MaxAttempts: 1 }] });
    expect(await outputOf(definition, { tasks: failing('E', 'E') })).toEqual([
      'unset',
      { Error: 'E', Cause: 'call 2' },
    ]);
  });

  test('catches a failed evaluation of the state, but not one of the Catcher itself', async () => {
    const broken = { Output: '{% $states.result.absent %}' };
    expect(
      await outputOf(catching({ Output: '{% $states.errorOutput.Error %}' }, broken), {
        tasks: failing(),
      }),
    ).toEqual(['unset', 'States.QueryEvaluationError']);
    expect(
      await failureOf(catching({ Output: '{% $states.errorOutput.absent %}' }), {
        tasks: failing('E'),
      }),
    ).toMatchObject({
      error: 'States.QueryEvaluationError',
      cause: expect.stringContaining("specified for the field 'Catch[1]/Output' returned nothing"),
    });
  });

  test('catches the error of a Fail state in a Parallel', async () => {
    const Branches = [
      { StartAt: 'Broken', States: { Broken: { Type: 'Fail', Error: 'Broken', Cause: 'why' } } },
    ];
    const definition = machine({
      All: {
        Type: 'Parallel',
        Branches,
        Catch: [{ ErrorEquals: ['Broken'], Next: 'End' }],
        End: true,
      },
      End: { Type: 'Succeed' },
    });
    expect(await outputOf(definition)).toEqual({ Error: 'Broken', Cause: 'why' });
  });
});
