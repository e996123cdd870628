import { describe, expect, test } from 'vitest';
import type { Json } from '../../../src/local-aws/states-language/execution.ts';
import { execute, links, machine, type Options, single, workflow } from './execute.ts';

const processor = workflow({ Inner: { Type: 'Pass', End: true } });
const prefix = "An error occurred while executing the state 'Only' (entered at the event id #2). ";

/** Runs a state whose evaluation fails. Returns the cause and the location of EvaluationFailed. */
async function evaluationFailure(state: object, options?: Options) {
  const { events } = await execute(single(state), options);
  const event = events.find(({ type }) => type === 'EvaluationFailed');
  const { cause = '', location } = event?.evaluationFailedEventDetails ?? {};
  return { cause: cause.replace(prefix, ''), location };
}

const unexpectedType = (source: string, field: string, expected: string, was: string) =>
  `The JSONata expression '${source}' specified for the field '${field}' returned an unexpected result type. Expected '${expected}', but was ${was}`;

describe('the cause quotes a result of the wrong type', () => {
  test.each([
    ['1', "'number' for value: 1"],
    ["'string'", `'string' for value: "string"`],
    ['true', "'boolean' for value: true"],
    ['null', "'null' for value: null"],
    ["{'foo': 'bar'}", `'object' for value: {"foo":"bar"}`],
  ])('for Items of %s', async (source, was) => {
    const state = { Type: 'Map', Items: `{% ${source} %}`, ItemProcessor: processor };
    expect(await evaluationFailure(state)).toEqual({
      cause: unexpectedType(source, 'Items', 'array', was),
      location: 'Items',
    });
  });

  const task = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke' };
  const fields: [string, string, object][] = [
    ['Seconds', 'number', { Type: 'Wait', Seconds: "{% 'x' %}" }],
    ['Timestamp', 'string', { Type: 'Wait', Timestamp: '{% 0 %}' }],
    ['TimeoutSeconds', 'number', { ...task, TimeoutSeconds: "{% 'x' %}" }],
    ['HeartbeatSeconds', 'number', { ...task, HeartbeatSeconds: "{% 'x' %}" }],
    ['Error', 'string', { Type: 'Fail', Error: '{% 0 %}' }],
    ['Cause', 'string', { Type: 'Fail', Cause: '{% 0 %}' }],
  ];
  test.each(fields)('for %s', async (field, expected, state) => {
    const [source, was] =
      expected === 'number' ? ["'x'", `'string' for value: "x"`] : ['0', "'number' for value: 0"];
    const options = { tasks: { 'lambda:invoke': async () => null } };
    expect(await evaluationFailure(state, options)).toEqual({
      cause: unexpectedType(source, field, expected, was),
      location: field,
    });
  });

  test('for Condition', async () => {
    const { outcome } = await execute(
      machine({
        Only: { Type: 'Choice', Choices: [{ Condition: '{% 1 %}', Next: 'End' }], Default: 'End' },
        End: { Type: 'Succeed' },
      }),
    );
    const was = "'number' for value: 1";
    expect(outcome).toMatchObject({
      error: 'States.QueryEvaluationError',
      cause: prefix + unexpectedType('1', 'Choices[0]/Condition', 'boolean', was),
    });
  });

  test('unless it is a function', async () => {
    const cause =
      "The JSONata expression '$fn := function($x){$x}' specified for the field 'Items' returned an unsupported result type.";
    const Items = '{% $fn := function($x){$x} %}';
    expect(await evaluationFailure({ Type: 'Map', Items, ItemProcessor: processor })).toEqual({
      cause,
      location: 'Items',
    });
  });
});

test.each([1, 'string', true, { foo: 'bar' }, null])(
  'a Map whose input is %j quotes it, without a location',
  async (input: Json) => {
    expect(await evaluationFailure({ Type: 'Map', ItemProcessor: processor }, { input })).toEqual({
      cause: `Map state input must be an array but was: ${JSON.stringify(input)}`,
      location: undefined,
    });
  },
);

test.each([
  '2016-12-05 21:29:29Z',
  '2016-12-05T21:29:29',
  '2016-13-05T21:29:29Z',
  '2016-12-05T25:29:29Z',
  '2016-12-05T24:00:00Z',
  '2024-02-30T00:00:00Z',
  '2023-02-29T00:00:00Z',
  '05-12-2016T21:29:29Z',
])('the Timestamp %s cannot be parsed', async (timestamp) => {
  const state = { Type: 'Wait', Timestamp: '{% $states.input %}' };
  expect(await evaluationFailure(state, { input: timestamp })).toEqual({
    cause: `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${timestamp}`,
    location: 'Timestamp',
  });
});

test('29 February of a leap year is a valid Timestamp', async () => {
  const { outcome } = await execute(single({ Type: 'Wait', Timestamp: '2024-02-29T00:00:00Z' }));
  expect(outcome.status).toBe('SUCCEEDED');
});

describe('EvaluationFailed links', () => {
  const linksAfterStart = async (state: object) => {
    const { events } = await execute(
      machine({ Start: { Type: 'Pass', Next: 'Only' }, Only: state }),
    );
    return links(events).slice(3);
  };

  test('to the event before the state, for an expression of a Pass', async () => {
    expect(await linksAfterStart({ Type: 'Pass', Output: '{% $absent %}', End: true })).toEqual([
      '4 PassStateEntered 3',
      '5 EvaluationFailed 3',
      '6 ExecutionFailed 5',
    ]);
  });

  test.each([
    ['Items that are not an array', { Items: '{% 1 %}' }],
    ['an input that is not an array', {}],
  ])('to the event before the state, for a Map with %s', async (_what, more) => {
    const state = { Type: 'Map', ItemProcessor: processor, End: true, ...more };
    expect(await linksAfterStart(state)).toEqual([
      '4 MapStateEntered 3',
      '5 EvaluationFailed 3',
      '6 MapStateFailed 5',
      '7 ExecutionFailed 6',
    ]);
  });

  test('to the StateEntered event, for a Timestamp that cannot be parsed', async () => {
    expect(await linksAfterStart({ Type: 'Wait', Timestamp: "{% 'never' %}", End: true })).toEqual([
      '4 WaitStateEntered 3',
      '5 EvaluationFailed 4',
      '6 ExecutionFailed 5',
    ]);
  });
});

test('the context has RetryCount only in states that support Retry', async () => {
  const retryCount = '{% $exists($states.context.State.RetryCount) %}';
  const { outcome } = await execute(
    machine({
      First: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Assign: { inTask: retryCount },
        Next: 'Second',
      },
      Second: { Type: 'Pass', Output: ['{% $inTask %}', retryCount], End: true },
    }),
    { tasks: { 'lambda:invoke': async () => null } },
  );
  expect(outcome).toEqual({ status: 'SUCCEEDED', output: [true, false] });
});
