import { describe, expect, test } from 'vitest';
import { execute, expression, failureOf, outputOf, single } from './execute.ts';

describe('the functions of Step Functions', () => {
  test.each([
    ['$partition([1,2,3,4,5], 2)', [[1, 2], [3, 4], [5]]],
    ['$partition([1,2,3], 2.9)', [[1, 2], [3]]],
    ['$partition([1,2,3])', [[1, 2, 3]]],
    ['$range(0, 10, 2)', [0, 2, 4, 6, 8, 10]],
    ['$range(5, 1, -2)', [5, 3, 1]],
    ['$range(1.4, 5.6, 2.2)', [1, 3, 5]],
    ['$range(3, 3, 1)', 3],
    ['$range(1, 9, 9)', 1],
    ['$range(1, 9, 2)', [1, 3, 5, 7, 9]],
    ['$count($range(1, 873782, 1))', 873_782],
    ['$count([1..873782])', 873_782],
    ["$hash('hello', 'MD5')", '5d41402abc4b2a76b9719d911017c592'],
    ["$hash('hello', 'SHA-1')", 'aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d'],
    ["$hash('✓', 'SHA-256')", '1dabba21cdad44541f6b15796f8d22978fc7ea10c46aeceeeeb66c23b3ac7604'],
    ["$length($hash('hello', 'SHA-384'))", 96],
    ["$length($hash('hello', 'SHA-512'))", 128],
    ['$random(42)', 0.7275636800328681],
    ['$random(0)', 0.730967787376657],
    ['$random(-1)', 0.26894263088050496],
    ['$random(1234567890123.9)', 0.9979691436808569],
    ["$base64decode('aGVsbG8=')", 'hello'],
    ["$base64decode('aGVsbG8')", 'hello'],
    ["$base64decode('4pyT')", '✓'],
    ["$base64decode('')", ''],
    ['$random() ~> function($n) { $n >= 0 and $n < 1 }', true],
    ['$uuid() = $uuid()', false],
    ['$match($uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]/).index', 0],
    ['$parse(\' {"answer": 42, "items": [1, 2]} \')', { answer: 42, items: [1, 2] }],
  ])('%s returns %j', async (source, expected) => {
    expect(await outputOf(expression(source))).toEqual(expected);
  });

  test.each([
    '$partition([1,2,3], 0)',
    '$partition([1,2,3], -1)',
    "$partition([1,2,3], '2')",
    "$partition('abc', 2)",
    '$partition([1,2,3], 2, 99)',
    '$range(1, 10, 0)',
    '$range(1, 10, 0.4)',
    '$range(1, 10, -1)',
    '$range(1, 5)',
    "$range('a', 5, 1)",
    '$range(1, 1e9, 1)',
    "$hash('data', 'sha-256')",
    "$hash('data')",
    "$hash(123, 'SHA-256')",
    "$random('seed')",
    '$random(1, 2)',
    '$uuid(1)',
    "$parse('{bad')",
    "$parse('')",
    '$parse(123)',
    '$parse()',
    "$base64decode('!!!')",
    "$base64decode('aGVsbG8==')",
    '$base64decode(1)',
    '$range(1, 873783, 1)',
  ])('%s fails', async (source) => {
    expect(await failureOf(expression(source))).toMatchObject({
      status: 'FAILED',
      error: 'States.QueryEvaluationError',
    });
  });
});

test('$eval does not exist, as on AWS', async () => {
  const { cause } = (await failureOf(expression("$eval('1')"))) ?? {};
  expect(cause).toContain('T1006: Attempted to invoke a non-function');
});

describe('results', () => {
  test.each([
    ['[1..3][$ > 1]', [2, 3]],
    ['[1..3][$ = 2]', 2],
    ["$states.input.items[kind = 'b'].id", 2],
    ['$states.input.items.id', [1, 2]],
    ['$states.input.empty', []],
    ['$states.input.items[].id', [1, 2]],
    ['null', null],
    ['$states.input.nothing', null],
    ["{'a': $states.input.absent, 'b': 1}", { b: 1 }],
    ['1/0', 'Infinity'],
  ])('%s returns %j', async (source, expected) => {
    const input = {
      items: [
        { id: 1, kind: 'a' },
        { id: 2, kind: 'b' },
      ],
      empty: [],
      nothing: null,
    };
    const output = await outputOf(expression(source), { input });
    expect(output).toStrictEqual(expected);
    expect(Object.keys(output ?? {})).toEqual(Object.keys(expected ?? {}));
  });

  test('a member named __proto__ stays a member', async () => {
    const input = JSON.parse('{"__proto__": {"polluted": true}}');
    const output = await outputOf(expression('$merge([$states.input])'), { input });
    expect(JSON.stringify(output)).toBe('{"__proto__":{"polluted":true}}');
    expect('polluted' in {}).toBe(false);
  });

  test.each([
    [
      'an expression without a result',
      '$states.input.absent',
      "'$states.input.absent' specified for the field 'Output' returned nothing (undefined).",
    ],
    ['a type error', "'a' + 1", 'threw an error during evaluation. T2001:'],
    ['a function', '$sum', 'returned an unsupported result type.'],
    ['a nested function', "{'f': function($x) { $x }}", 'returned an unsupported result type.'],
    ['a regular expression', '/a/', 'returned an unsupported result type.'],
    ['an array that is too long', '[1..873783]', 'memory limit exceeded'],
    ['such an array within the expression', '$count([1..873783])', 'memory limit exceeded'],
    [
      'two arrays that are too long when joined',
      '$count($append([1..800000], [1..800000]))',
      'memory limit exceeded',
    ],
    ['a regular expression that backtracks', `$match('${'a'.repeat(32)}!', /(a+)+$/)`, 'timeout'],
    [
      'an expression that needs more memory than a worker has',
      '($f := function($a) { $f($append($a, [[1..500000]])) }; $f([]))',
      'memory limit exceeded',
    ],
    ['a string of a gigabyte', "$length($pad('x', 1e9))", 'Invalid'],
    ['endless recursion', '($f := function($n) { 1 + $f($n) }; $f(1))', 'Stack'],
    ['an endless loop', '($f := function($n) { $f($n + 1) }; $f(1))', 'timeout'],
  ])('%s fails the state', async (_what, source, cause) => {
    const failure = await failureOf(expression(source));
    expect(failure).toMatchObject({ error: 'States.QueryEvaluationError' });
    expect(failure?.cause?.toLowerCase()).toContain(cause.toLowerCase());
    expect(failure?.cause).toMatch(
      /^An error occurred while executing the state 'Only' \(entered at the event id #2\)\. /,
    );
  });

  test('expressions may be nested at any depth, and other strings are literals', async () => {
    const output = await outputOf(
      single({
        Type: 'Pass',
        Output: {
          deep: [{ sum: '{% 1 + 1 %}' }, [null, true, 0.5]],
          compact: '{%"x"%}',
          literal: ' {% 1 + 1 %} ',
          path: '$.not.evaluated',
          'name.$': '$',
        },
      }),
    );
    expect(output).toEqual({
      deep: [{ sum: 2 }, [null, true, 0.5]],
      compact: 'x',
      literal: ' {% 1 + 1 %} ',
      path: '$.not.evaluated',
      'name.$': '$',
    });
  });

  test('the event of a failed nested expression has its location', async () => {
    const { events } = await execute(
      single({ Type: 'Pass', Output: { list: [1, { gone: '{% $states.input.gone %}' }] } }),
    );
    expect(events).toContainEqual({
      type: 'EvaluationFailed',
      previousEventId: 0,
      evaluationFailedEventDetails: {
        state: 'Only',
        error: 'States.QueryEvaluationError',
        cause:
          "An error occurred while executing the state 'Only' (entered at the event id #2). The JSONata expression '$states.input.gone' specified for the field 'Output/list[1]/gone' returned nothing (undefined).",
        location: 'Output/list[1]/gone',
      },
    });
  });
});
