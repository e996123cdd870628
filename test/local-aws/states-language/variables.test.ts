import { describe, expect, test } from 'vitest';
import { execute, failureOf, machine, outputOf, workflow } from './execute.ts';

describe('Assign', () => {
  test('takes effect after the state: its expressions see the earlier values', async () => {
    const definition = machine({
      First: { Type: 'Pass', Assign: { x: 5 }, Next: 'Second' },
      Second: {
        Type: 'Pass',
        Assign: { x: 42, newOrOld: '{% $x %}' },
        Output: '{% $x %}',
        Next: 'Third',
      },
      Third: { Type: 'Succeed', Output: ['{% $states.input %}', '{% $x %}', '{% $newOrOld %}'] },
    });
    expect(await outputOf(definition)).toEqual([5, 42, 5]);
  });

  test('takes any JSON, even null, and does not change the output', async () => {
    const definition = machine({
      First: {
        Type: 'Wait',
        Seconds: 0,
        Assign: { nothing: null, deep: { a: ['{% 1 + 1 %}'] } },
        Next: 'Second',
      },
      Second: {
        Type: 'Succeed',
        Output: ['{% $nothing %}', '{% $deep.a[0] %}', '{% $states.input %}'],
      },
    });
    expect(await outputOf(definition, { input: 'in' })).toEqual([null, 2, 'in']);
  });

  test('adds nothing to the history if it is empty', async () => {
    const { events } = await execute(
      machine({ Only: { Type: 'Pass', Assign: {}, Output: 1, End: true } }),
    );
    expect(events.find(({ type }) => type === 'PassStateExited')?.stateExitedEventDetails).toEqual({
      name: 'Only',
      output: '1',
      outputDetails: { truncated: false },
    });
  });

  test('can use the result of a Task', async () => {
    const definition = machine({
      Call: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Assign: { payload: '{% $states.result.Payload %}' },
        Output: '{% $states.input %}',
        Next: 'End',
      },
      End: { Type: 'Succeed', Output: ['{% $payload %}', '{% $states.input %}'] },
    });
    const tasks = { 'lambda:invoke': async () => ({ Payload: 1 }) };
    expect(await outputOf(definition, { input: 2, tasks })).toEqual([1, 2]);
  });

  test('must come before the first use of the variable', async () => {
    const definition = machine({
      Read: { Type: 'Pass', Output: '{% $later %}', Next: 'Set' },
      Set: { Type: 'Pass', Assign: { later: 1 }, End: true },
    });
    expect(await failureOf(definition)).toMatchObject({
      error: 'States.QueryEvaluationError',
      cause: expect.stringContaining("'$later'"),
    });
  });

  test('is needed to set a variable: a binding inside an expression does not', async () => {
    const definition = machine({
      Bind: { Type: 'Pass', Output: '{% ($inner := 1; $inner) %}', Next: 'Read' },
      Read: { Type: 'Succeed', Output: '{% $exists($inner) %}' },
    });
    expect(await outputOf(definition)).toBe(false);
  });
});

describe('scope', () => {
  test('nested states read outer variables, and their own end with them', async () => {
    const definition = machine({
      'Get Greeting': { Type: 'Pass', Assign: { outer: 'hello' }, Next: 'Greet Everyone' },
      'Greet Everyone': {
        Type: 'Map',
        Items: ['a', 'b'],
        ItemProcessor: {
          StartAt: 'Begin',
          States: {
            Begin: {
              Type: 'Pass',
              Assign: { inner: '{% $states.input %}', hi: '{% $outer %}' },
              Next: 'End',
            },
            End: { Type: 'Succeed', Output: "{% $hi & ' ' & $inner %}" },
          },
        },
        Assign: { outer: 2 },
        Next: 'Goodbye',
      },
      Goodbye: {
        Type: 'Succeed',
        Output: ['{% $states.input %}', '{% $outer %}', '{% $exists($inner) %}'],
      },
    });
    expect(await outputOf(definition)).toEqual([['hello a', 'hello b'], 2, false]);
  });

  test('branches do not see each other’s variables', async () => {
    const branch = (name: string, value: number) => ({
      StartAt: `Set ${name}`,
      States: {
        [`Set ${name}`]: { Type: 'Pass', Assign: { mine: value }, Next: `Wait ${name}` },
        [`Wait ${name}`]: { Type: 'Wait', Seconds: 1, Next: `Read ${name}` },
        [`Read ${name}`]: { Type: 'Succeed', Output: '{% $mine %}' },
      },
    });
    const definition = machine({
      Both: { Type: 'Parallel', Branches: [branch('A', 1), branch('B', 2)], End: true },
    });
    expect(await outputOf(definition)).toEqual([1, 2]);
  });
});

describe('the quota of 10 MiB for all variables', () => {
  const grow = (kibibytes: number) =>
    machine({
      Start: { Type: 'Pass', Assign: { size: kibibytes }, Next: 'Fill' },
      Fill: {
        Type: 'Map',
        Items: '{% $range(1, $size / 128, 1) %}',
        ItemProcessor: {
          StartAt: 'Keep',
          States: {
            Keep: { Type: 'Pass', Assign: { kept: "{% $pad('', 131070, 'x') %}" }, Next: 'Hold' },
            Hold: { Type: 'Wait', Seconds: 1, Output: null, End: true },
          },
        },
        MaxConcurrency: 0,
        Output: 'kept',
        Next: 'Done',
      },
      Done: { Type: 'Succeed' },
    });

  test('counts the variables of inner scopes only until the scopes end', async () => {
    // 40 concurrent iterations of 128 KiB take 5 MiB, however many follow them.
    expect(await outputOf(grow(128 * 100))).toBe('kept');
  });

  test('does not count the variables of failed iterations', async () => {
    const definition = machine({
      Keep: {
        Type: 'Map',
        Items: [1, 2],
        ItemProcessor: workflow({
          Set: { Type: 'Pass', Assign: { kept: "{% $pad('', 131070, 'x') %}" }, Next: 'Break' },
          Break: { Type: 'Fail', Error: 'E' },
        }),
        Retry: [{ ErrorEquals: ['E'], MaxAttempts: 99, BackoffRate: 1 }],
        End: true,
      },
    });
    expect(await failureOf(definition)).toMatchObject({ error: 'E' });
  });

  test('fails the execution that exceeds it', async () => {
    const Assign = Object.fromEntries(
      Array.from({ length: 2 }, (_, index) => [`v${index}`, "{% $pad('', 131000, 'x') %}"]),
    );
    const states = Object.fromEntries(
      Array.from({ length: 41 }, (_, index) => [
        `S${index}`,
        {
          Type: 'Pass',
          Assign: Object.fromEntries(Object.entries(Assign).map(([n, v]) => [`${n}_${index}`, v])),
          ...(index === 40 ? { End: true } : { Next: `S${index + 1}` }),
        },
      ]),
    );
    const { outcome, events } = await execute(machine(states));
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
    expect(events.filter(({ type }) => type === 'PassStateExited')).toHaveLength(40);
  });
});
