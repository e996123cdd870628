import { describe, expect, test } from 'vitest';
import {
  InvalidDefinition,
  parseDefinition,
} from '../../../src/local-aws/states-language/definition.ts';
import type { Json } from '../../../src/local-aws/states-language/execution.ts';
import { expression, machine, outputOf, single, terminal, workflow } from './execute.ts';

const resource = 'arn:aws:states:::lambda:invoke';
const jsonataOnly = 'Local AWS runs JSONata state machines only.';

function problemsOf(text: string, type?: 'STANDARD' | 'EXPRESS'): string[] {
  try {
    parseDefinition(text, type);
  } catch (error) {
    if (error instanceof InvalidDefinition) {
      return error.problems.map(({ code, message, path }) => {
        return `${code}: ${message}${path === undefined ? '' : ` at ${path}`}`;
      });
    }
    throw error;
  }
  return [];
}

const refusals = (definition: object) => problemsOf(JSON.stringify(definition));
const schema = (message: string) => `SCHEMA_VALIDATION_FAILED: ${message}`;
const task = (more: object) => single({ Type: 'Task', Resource: resource, ...more });
const retry = (retrier: object) => task({ Retry: [{ ErrorEquals: ['E'], ...retrier }] });
const map = (more: object, processor: object = {}) =>
  single({
    Type: 'Map',
    ItemProcessor: { ...workflow({ Inner: terminal({ Type: 'Pass' }) }), ...processor },
    ...more,
  });

describe('refuses a definition that', () => {
  const cases: [string, object, string][] = [
    [
      'has neither StartAt nor States',
      { QueryLanguage: 'JSONata' },
      schema('These fields are required: [States, StartAt] at /'),
    ],
    [
      'starts with a missing state',
      { ...single({ Type: 'Pass' }), StartAt: 'Gone' },
      "MISSING_TRANSITION_TARGET: Missing 'Next' target: Gone at /StartAt",
    ],
    [
      'has an unknown field',
      { ...single({ Type: 'Pass' }), Foo: 1 },
      schema("Field 'Foo' is not supported at /Foo"),
    ],
    [
      'has a top-level TimeoutSeconds of zero',
      { ...single({ Type: 'Pass' }), TimeoutSeconds: 0 },
      schema('Expected an integer between 1 and 99999999 at /TimeoutSeconds'),
    ],
    [
      'has States that are not an object',
      { QueryLanguage: 'JSONata', StartAt: 'A', States: [] },
      schema('Expected value of type [Object] at /States'),
    ],
    [
      'has a state that is not an object',
      machine({ A: 1 }),
      schema('Expected value of type [Object] at /States/A'),
    ],
    [
      'has a state of unknown type',
      single({ Type: 'pass' }),
      schema(
        "The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map] at /States/Only/Type",
      ),
    ],
    [
      'has a state without a type',
      single({}),
      schema(
        "The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map] at /States/Only/Type",
      ),
    ],
    [
      'has a state name of 81 characters',
      machine({ ['x'.repeat(81)]: terminal({ Type: 'Pass' }) }),
      schema(`A state name has 1 to 80 characters at /States/${'x'.repeat(81)}`),
    ],
    [
      'has the same state name in two scopes',
      machine({
        Inner: {
          Type: 'Map',
          End: true,
          ItemProcessor: workflow({ Inner: terminal({ Type: 'Pass' }) }),
        },
      }),
      'DUPLICATE_STATE_NAME: Duplicate State name: Inner at /States/Inner/ItemProcessor/States/Inner',
    ],
    [
      'has a Next to a missing state',
      machine({ A: { Type: 'Pass', Next: 'B' }, C: { Type: 'Succeed' } }),
      "MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /States/A/Next",
    ],
    [
      'has a Default to a missing state',
      machine({
        A: { Type: 'Choice', Choices: [{ Condition: true, Next: 'B' }], Default: 'C' },
        B: { Type: 'Succeed' },
      }),
      "MISSING_TRANSITION_TARGET: Missing 'Next' target: C at /States/A/Default",
    ],
    [
      'has a Choice Rule to a missing state',
      machine({
        A: { Type: 'Choice', Choices: [{ Condition: true, Next: 'C' }], Default: 'B' },
        B: { Type: 'Succeed' },
      }),
      "MISSING_TRANSITION_TARGET: Missing 'Next' target: C at /States/A/Choices[0]/Next",
    ],
    [
      'has a Catcher to a missing state',
      task({ Catch: [{ ErrorEquals: ['E'], Next: 'C' }] }),
      "MISSING_TRANSITION_TARGET: Missing 'Next' target: C at /States/Only/Catch[0]/Next",
    ],
    [
      'has a Next out of a branch',
      single({
        Type: 'Parallel',
        Branches: [workflow({ A: { Type: 'Pass', Next: 'Only' }, B: { Type: 'Succeed' } })],
      }),
      "MISSING_TRANSITION_TARGET: Missing 'Next' target: Only at /States/Only/Branches[0]/States/A/Next",
    ],
    [
      'has an unreachable state',
      machine({ A: { Type: 'Succeed' }, B: { Type: 'Succeed' } }),
      'MISSING_TRANSITION_TARGET: State "B" is not reachable. at /States/B',
    ],
    [
      'has no terminal state',
      machine({ A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', Next: 'A' } }),
      'MISSING_END_STATE: Workflow has no terminal state at /',
    ],
    [
      'has a branch without a terminal state',
      single({ Type: 'Parallel', Branches: [workflow({ A: { Type: 'Pass', Next: 'A' } })] }),
      'MISSING_END_STATE: Workflow has no terminal state at /States/Only/Branches[0]',
    ],
    [
      'has neither Next nor End',
      machine({ A: { Type: 'Pass' } }),
      schema("One of the following fields is required: ['Next', 'End'] at /States/A"),
    ],
    [
      'has End false alone',
      machine({ A: { Type: 'Pass', End: false } }),
      schema("One of the following fields is required: ['Next', 'End'] at /States/A"),
    ],
    [
      'has both Next and End',
      machine({ A: { Type: 'Pass', Next: 'B', End: true }, B: { Type: 'Succeed' } }),
      schema("A state has one of 'Next' and 'End', not both at /States/A"),
    ],
    [
      'has an End that is not a boolean',
      machine({ A: { Type: 'Pass', End: 'true' } }),
      schema('Expected value of type [Boolean] at /States/A/End'),
    ],
    [
      'has a Choice with End',
      machine({
        A: { Type: 'Choice', Choices: [{ Condition: true, Next: 'B' }], End: true },
        B: { Type: 'Succeed' },
      }),
      schema("Field 'End' is not supported at /States/A/End"),
    ],
    [
      'has a Choice without rules',
      machine({ A: { Type: 'Choice', Choices: [], Default: 'B' }, B: { Type: 'Succeed' } }),
      schema('Value cannot be empty at /States/A/Choices'),
    ],
    [
      'has a Choice Rule without Condition',
      machine({ A: { Type: 'Choice', Choices: [{ Next: 'B' }] }, B: { Type: 'Succeed' } }),
      schema('These fields are required: [Condition] at /States/A/Choices[0]'),
    ],
    [
      'has a Choice Rule without Next',
      machine({
        A: { Type: 'Choice', Choices: [{ Condition: true }], Default: 'B' },
        B: { Type: 'Succeed' },
      }),
      schema('These fields are required: [Next] at /States/A/Choices[0]'),
    ],
    [
      'has a Condition that is not a boolean',
      machine({
        A: { Type: 'Choice', Choices: [{ Condition: 'yes', Next: 'B' }] },
        B: { Type: 'Succeed' },
      }),
      schema('Expected a boolean at /States/A/Choices[0]/Condition'),
    ],
    [
      'has a Succeed with Assign',
      single({ Type: 'Succeed', Assign: { x: 1 } }),
      schema("Field 'Assign' is not supported at /States/Only/Assign"),
    ],
    [
      'has a Fail with Output',
      single({ Type: 'Fail', Output: 1 }),
      schema("Field 'Output' is not supported at /States/Only/Output"),
    ],
    [
      'has a Fail whose Error is not a string',
      single({ Type: 'Fail', Error: 1 }),
      schema('Expected a string at /States/Only/Error'),
    ],
    [
      'has a Pass with Arguments',
      single({ Type: 'Pass', Arguments: 1 }),
      schema("Field 'Arguments' is not supported at /States/Only/Arguments"),
    ],
    [
      'has a Pass with TimeoutSeconds',
      single({ Type: 'Pass', TimeoutSeconds: 1 }),
      schema("Field 'TimeoutSeconds' is not supported at /States/Only/TimeoutSeconds"),
    ],
    [
      'has a Pass with Retry',
      single({ Type: 'Pass', Retry: [] }),
      schema("Field 'Retry' is not supported at /States/Only/Retry"),
    ],
    [
      'has a Wait without Seconds and Timestamp',
      single({ Type: 'Wait' }),
      schema("A Wait state has exactly one of 'Seconds' and 'Timestamp' at /States/Only"),
    ],
    [
      'has a Wait with both Seconds and Timestamp',
      single({ Type: 'Wait', Seconds: 1, Timestamp: '2016-03-14T01:59:00Z' }),
      schema("A Wait state has exactly one of 'Seconds' and 'Timestamp' at /States/Only"),
    ],
    [
      'has a Wait with negative Seconds',
      single({ Type: 'Wait', Seconds: -1 }),
      schema('Expected an integer between 0 and 99999999 at /States/Only/Seconds'),
    ],
    [
      'has a Wait with a lower-case Timestamp',
      single({ Type: 'Wait', Timestamp: '2016-03-14t01:59:00z' }),
      schema('String does not match RFC3339 timestamp at /States/Only/Timestamp'),
    ],
    [
      'has a Wait whose Timestamp is a day that does not exist',
      single({ Type: 'Wait', Timestamp: '2024-02-30T00:00:00Z' }),
      schema('String does not match RFC3339 timestamp at /States/Only/Timestamp'),
    ],
    [
      'has a Task without Resource',
      single({ Type: 'Task' }),
      schema('These fields are required: [Resource] at /States/Only'),
    ],
    [
      'has a Resource that is not an ARN',
      single({ Type: 'Task', Resource: 'lambda:invoke' }),
      schema('Value is not a valid resource ARN at /States/Only/Resource'),
    ],
    [
      'has a Task with a TimeoutSeconds of zero',
      task({ TimeoutSeconds: 0 }),
      schema('Expected an integer between 1 and 99999999 at /States/Only/TimeoutSeconds'),
    ],
    [
      'has a TimeoutSeconds that is not a number',
      task({ TimeoutSeconds: 'ten' }),
      schema('Expected an integer between 1 and 99999999 at /States/Only/TimeoutSeconds'),
    ],
    [
      'has HeartbeatSeconds equal to TimeoutSeconds',
      task({ TimeoutSeconds: 5, HeartbeatSeconds: 5 }),
      schema(
        'HeartbeatSeconds must be smaller than TimeoutSeconds at /States/Only/HeartbeatSeconds',
      ),
    ],
    [
      'has a Parallel without Branches',
      single({ Type: 'Parallel', Branches: [] }),
      schema('Value cannot be empty at /States/Only/Branches'),
    ],
    [
      'has a branch with a QueryLanguage',
      single({
        Type: 'Parallel',
        Branches: [{ ...workflow({ A: terminal({ Type: 'Pass' }) }), QueryLanguage: 'JSONata' }],
      }),
      schema("Field 'QueryLanguage' is not supported at /States/Only/Branches[0]/QueryLanguage"),
    ],
    [
      'has a Map without ItemProcessor',
      single({ Type: 'Map' }),
      schema('Expected value of type [Object] at /States/Only/ItemProcessor'),
    ],
    [
      'has a Map with both ItemProcessor and Iterator',
      map({ Iterator: {} }),
      schema("A Map state has one of 'ItemProcessor' and 'Iterator', not both at /States/Only"),
    ],
    [
      'has Items that are not an array',
      map({ Items: {} }),
      schema('Expected an array at /States/Only/Items'),
    ],
    [
      'has a negative MaxConcurrency',
      map({ MaxConcurrency: -1 }),
      schema('Expected an integer between 0 and 99999999 at /States/Only/MaxConcurrency'),
    ],
    [
      'has a ToleratedFailurePercentage over 100',
      map({ ToleratedFailurePercentage: 101 }),
      schema('Expected a number between 0 and 100 at /States/Only/ToleratedFailurePercentage'),
    ],
    [
      'has a Distributed Map',
      map({}, { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } }),
      schema(
        "Local AWS runs Map states in 'INLINE' mode only, not a Distributed Map. at /States/Only/ItemProcessor/ProcessorConfig/Mode",
      ),
    ],
    [
      'has an ItemReader',
      map({ ItemReader: {} }),
      schema("Field 'ItemReader' is not supported at /States/Only/ItemReader"),
    ],
    [
      'has a Retrier with an empty ErrorEquals',
      retry({ ErrorEquals: [] }),
      schema('Expected an array of at least one error name at /States/Only/Retry[0]/ErrorEquals'),
    ],
    [
      'has a Retrier with an unknown field',
      retry({ Delay: 1 }),
      schema("Field 'Delay' is not supported at /States/Only/Retry[0]/Delay"),
    ],
    [
      'has an IntervalSeconds of zero',
      retry({ IntervalSeconds: 0 }),
      schema('Expected an integer between 1 and 99999999 at /States/Only/Retry[0]/IntervalSeconds'),
    ],
    [
      'has a fractional IntervalSeconds',
      retry({ IntervalSeconds: 0.5 }),
      schema('Expected an integer between 1 and 99999999 at /States/Only/Retry[0]/IntervalSeconds'),
    ],
    [
      'has a negative MaxAttempts',
      retry({ MaxAttempts: -1 }),
      schema('Expected an integer between 0 and 99999999 at /States/Only/Retry[0]/MaxAttempts'),
    ],
    [
      'has a BackoffRate below 1',
      retry({ BackoffRate: 0.9 }),
      schema(
        `Expected a number between 1 and ${Number.MAX_VALUE} at /States/Only/Retry[0]/BackoffRate`,
      ),
    ],
    [
      'has a MaxDelaySeconds of zero',
      retry({ MaxDelaySeconds: 0 }),
      schema('Expected an integer between 1 and 31622399 at /States/Only/Retry[0]/MaxDelaySeconds'),
    ],
    [
      'has an unknown JitterStrategy',
      retry({ JitterStrategy: 'HALF' }),
      schema(
        "The field 'JitterStrategy' should have one of these values: [FULL, NONE] at /States/Only/Retry[0]/JitterStrategy",
      ),
    ],
    [
      'has a Retrier with States.ALL and another error',
      retry({ ErrorEquals: ['States.ALL', 'E'] }),
      schema(
        'States.ALL must appear alone and at end of list at /States/Only/Retry[0]/ErrorEquals',
      ),
    ],
    [
      'has a Retrier after that of States.ALL',
      task({ Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['E'] }] }),
      schema(
        'States.ALL must appear alone and at end of list at /States/Only/Retry[0]/ErrorEquals',
      ),
    ],
    [
      'has a Catcher after that of States.ALL',
      machine({
        A: {
          Type: 'Task',
          Resource: resource,
          End: true,
          Catch: [
            { ErrorEquals: ['States.ALL'], Next: 'B' },
            { ErrorEquals: ['E'], Next: 'B' },
          ],
        },
        B: { Type: 'Succeed' },
      }),
      schema('States.ALL must appear alone and at end of list at /States/A/Catch[0]/ErrorEquals'),
    ],
    [
      'has a Catcher without Next',
      task({ Catch: [{ ErrorEquals: ['E'] }] }),
      schema('These fields are required: [Next] at /States/Only/Catch[0]'),
    ],
    [
      'has an Assign that is not an object',
      single({ Type: 'Pass', Assign: "{% {'x': 1} %}" }),
      schema('Expected value of type [Object] at /States/Only/Assign'),
    ],
    [
      'assigns the reserved variable states',
      single({ Type: 'Pass', Assign: { states: 1 } }),
      schema("The variable name 'states' is reserved. at /States/Only/Assign/states"),
    ],
    [
      'assigns an invalid variable name',
      single({ Type: 'Pass', Assign: { 'x.$': 1 } }),
      schema("'x.$' is not a valid variable name. at /States/Only/Assign/x.$"),
    ],
    [
      'assigns a variable name of 81 characters',
      single({ Type: 'Pass', Assign: { ['x'.repeat(81)]: 1 } }),
      schema(`A variable name has at most 80 characters. at /States/Only/Assign/${'x'.repeat(81)}`),
    ],
    [
      'assigns an outer variable in a Map',
      machine({
        A: {
          Type: 'Map',
          End: true,
          Assign: { x: 1 },
          ItemProcessor: workflow({ B: terminal({ Type: 'Pass', Assign: { x: 2 } }) }),
        },
      }),
      schema(
        "The variable name 'x' was already defined in a parent scope. at /States/A/ItemProcessor/States/B/Assign/x",
      ),
    ],
    [
      'assigns the variable of another state’s Catcher',
      machine({
        A: {
          Type: 'Parallel',
          Next: 'C',
          Branches: [workflow({ B: terminal({ Type: 'Pass', Assign: { x: 2 } }) })],
        },
        C: {
          Type: 'Task',
          Resource: resource,
          Catch: [{ ErrorEquals: ['E'], Assign: { x: 1 }, Next: 'D' }],
          Next: 'D',
        },
        D: { Type: 'Succeed' },
      }),
      schema(
        "The variable name 'x' was already defined in a parent scope. at /States/A/Branches[0]/States/B/Assign/x",
      ),
    ],
    [
      'has Credentials without a RoleArn',
      task({ Credentials: {} }),
      schema("The field 'RoleArn' is required but was missing at /States/Only/Credentials"),
    ],
    [
      'has an action that an optimised integration does not have',
      task({ Resource: 'arn:aws:states:::dynamodb:query' }),
      schema(
        'The resource provided arn:aws:states:::dynamodb:query is not recognized. The value is not a valid resource ARN, or the resource is not available in this region. at /States/Only/Resource',
      ),
    ],
    [
      'assigns the variable of a scope two levels out',
      machine({
        A: {
          Type: 'Map',
          Assign: { x: 1 },
          End: true,
          ItemProcessor: workflow({
            B: {
              Type: 'Map',
              End: true,
              ItemProcessor: workflow({ C: terminal({ Type: 'Pass', Assign: { x: 2 } }) }),
            },
          }),
        },
      }),
      schema(
        "The variable name 'x' was already defined in a parent scope. at /States/A/ItemProcessor/States/B/ItemProcessor/States/C/Assign/x",
      ),
    ],
    [
      'has a Retry that is not an array',
      task({ Retry: {} }),
      schema('Expected value of type [Array] at /States/Only/Retry'),
    ],
    [
      'has a branch that is not an object',
      single({ Type: 'Parallel', Branches: [1] }),
      schema('Expected value of type [Object] at /States/Only/Branches[0]'),
    ],
    [
      'has a Comment that is not a string',
      single({ Type: 'Pass', Comment: 1 }),
      schema('Expected value of type [String] at /States/Only/Comment'),
    ],
    [
      'has a state with an unknown QueryLanguage',
      single({ Type: 'Pass', QueryLanguage: 'XPath' }),
      schema(
        "The field 'QueryLanguage' should have one of these values: [JSONPath, JSONata] at /States/Only/QueryLanguage",
      ),
    ],
    [
      'is in JSONPath',
      { ...single({ Type: 'Pass' }), QueryLanguage: 'JSONPath' },
      schema(`The QueryLanguage is not 'JSONata'. ${jsonataOnly} at /QueryLanguage`),
    ],
    [
      'has no QueryLanguage',
      { ...single({ Type: 'Pass' }), QueryLanguage: undefined },
      schema(`The QueryLanguage is not 'JSONata'. ${jsonataOnly} at /QueryLanguage`),
    ],
    [
      'has an unknown QueryLanguage',
      { ...single({ Type: 'Pass' }), QueryLanguage: 'jsonata' },
      schema(
        "The field 'QueryLanguage' should have one of these values: [JSONPath, JSONata] at /QueryLanguage",
      ),
    ],
    [
      'has a JSONPath state in a JSONata state machine',
      single({ Type: 'Pass', QueryLanguage: 'JSONPath' }),
      schema(
        `'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine. ${jsonataOnly} at /States/Only`,
      ),
    ],
    [
      'sets QueryLanguage in some states only',
      {
        ...workflow({
          A: { Type: 'Pass', QueryLanguage: 'JSONata', Next: 'B' },
          B: { Type: 'Succeed' },
        }),
      },
      schema(`The QueryLanguage is 'JSONPath'. ${jsonataOnly} at /States/B`),
    ],
    [
      'uses InputPath',
      single({ Type: 'Pass', InputPath: '$' }),
      schema(
        `The QueryLanguage is set to 'JSONata', but field 'InputPath' is only supported for the 'JSONPath' QueryLanguage. ${jsonataOnly} at /States/Only/InputPath`,
      ),
    ],
    [
      'uses ResultPath in a Catcher',
      machine({
        A: {
          Type: 'Task',
          Resource: resource,
          End: true,
          Catch: [{ ErrorEquals: ['E'], Next: 'B', ResultPath: '$' }],
        },
        B: { Type: 'Succeed' },
      }),
      schema(
        `The QueryLanguage is set to 'JSONata', but field 'ResultPath' is only supported for the 'JSONPath' QueryLanguage. ${jsonataOnly} at /States/A/Catch[0]/ResultPath`,
      ),
    ],
    [
      'opens an expression without closing it',
      single({ Type: 'Pass', Output: { a: ['{% 1'] } }),
      schema('A JSONata expression starts with {% and ends with %}. at /States/Only/Output/a[0]'),
    ],
    [
      'closes an expression without opening it',
      single({ Type: 'Pass', Output: '1 %}' }),
      schema('A JSONata expression starts with {% and ends with %}. at /States/Only/Output'),
    ],
    [
      'has an expression of three characters',
      single({ Type: 'Pass', Output: '{%}' }),
      schema('A JSONata expression starts with {% and ends with %}. at /States/Only/Output'),
    ],
    [
      'has a broken expression',
      single({ Type: 'Pass', Output: '{% a[1,2) %}' }),
      'INVALID_JSONATA_EXPRESSION: Expected "]", got "," at /States/Only/Output',
    ],
    [
      'has an operator of JSONata 2.1, ??',
      single({ Type: 'Pass', Output: "{% $states.input.a ?? 'none' %}" }),
      'INVALID_JSONATA_EXPRESSION: The symbol "?" cannot be used as a unary operator at /States/Only/Output',
    ],
    [
      'has an operator of JSONata 2.1, ?:',
      single({ Type: 'Pass', Output: "{% ($x := 1; [{'a': $x ?: 'none'}]) %}" }),
      'INVALID_JSONATA_EXPRESSION: The symbol ":" cannot be used as a unary operator at /States/Only/Output',
    ],
    [
      'has an empty expression',
      single({ Type: 'Pass', Output: '{%%}' }),
      'INVALID_JSONATA_EXPRESSION: Unexpected end of expression at /States/Only/Output',
    ],
  ];
  test.each(cases)('%s', (_what, definition, problem) => {
    expect(refusals(definition)).toContain(problem);
  });

  test.each([
    ['', 'SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object'],
    ['not a definition', 'INVALID_JSON_DESCRIPTION'],
    ['[]', 'SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object'],
    ['null', 'SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object'],
    [' '.repeat(1_048_577), 'DEFINITION_TOO_LARGE'],
  ])('is not a JSON object of at most 1 MiB: %#', (text, problem) => {
    expect(problemsOf(text)).toEqual([expect.stringContaining(problem)]);
  });

  test('has a missing States, as one problem rather than two', () => {
    expect(refusals({ QueryLanguage: 'JSONata', StartAt: 'A' })).toEqual([
      schema('These fields are required: [States] at /'),
    ]);
  });

  test('has several problems, and lists them all in one message', () => {
    const definition = machine({
      A: { Type: 'Pass', Parameters: {}, Next: 'C' },
      B: { Type: 'Wait', Seconds: -1, End: true },
    });
    expect(() => parseDefinition(JSON.stringify(definition))).toThrow(
      "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: The QueryLanguage is set to 'JSONata', but field 'Parameters' is only supported for the 'JSONPath' QueryLanguage. Local AWS runs JSONata state machines only. at /States/A/Parameters, SCHEMA_VALIDATION_FAILED: Expected an integer between 0 and 99999999 at /States/B/Seconds, MISSING_TRANSITION_TARGET: Missing 'Next' target: C at /States/A/Next, MISSING_TRANSITION_TARGET: State \"B\" is not reachable. at /States/B'",
    );
  });
});

describe('an expression', () => {
  const unsupported = (reference: string) =>
    `UNSUPPORTED_JSONATA_EXPRESSION: Reference to '${reference}' at the top level is not supported. at /States/Only/Output`;

  test.each([
    ['total', 'total'],
    ['$', '$'],
    ['$.total', '$'],
    ['*', '*'],
    ['**.x', '**'],
    ["{'a': total}", 'total'],
    ['[total]', 'total'],
    ['$sum(total)', 'total'],
    ['1 + total', 'total'],
    ['$states.input.ok ? total : 1', 'total'],
    ['($x := total; $x)', 'total'],
    ['$map($states.input.a, function($x) { total })', 'total'],
    ['total ~> $sum', 'total'],
    ['total[0]', 'total'],
  ])('%s may not refer to an input document', (source, reference) => {
    expect(refusals(expression(source))).toEqual([unsupported(reference)]);
  });

  test('is refused with each unsupported reference once', () => {
    expect(refusals(expression('total + sum + total'))).toEqual([
      unsupported('total'),
      unsupported('sum'),
    ]);
  });

  test('may not refer to $$', () => {
    expect(refusals(expression('$states.input[$$.x = 1]'))).toEqual([
      "UNSUPPORTED_JSONATA_EXPRESSION: Reference to '$$' is not supported. at /States/Only/Output",
    ]);
  });

  const a = { kind: 'a', value: 1 };
  const b = { kind: 'b', value: 4 };
  test.each<[string, Json]>([
    ['$states.input.items[value > 3]', b],
    ['$states.input.items[$.value > 3]', b],
    ['$states.input.items.(value * 2)', [2, 8]],
    ['$states.input.items^(>value)', [b, a]],
    ['$states.input.items{kind: $sum(value)}', { a: 1, b: 4 }],
    ['$states.input.items.{"kind": kind}', [{ kind: 'a' }, { kind: 'b' }]],
    ['$states.input.*', [a, b]],
    ['$states.input.**.value', [1, 4]],
    [
      '$states.input ~> |items|{"value": value + 1}|',
      {
        items: [
          { ...a, value: 2 },
          { ...b, value: 5 },
        ],
      },
    ],
    ['$map($states.input.items, function($item, $index) { $item.value + $index })', [1, 5]],
    [
      '$states.input.items#$i.{"i": $i, "v": value}',
      [
        { i: 0, v: 1 },
        { i: 1, v: 4 },
      ],
    ],
  ])('%s may refer to members of a known value', async (source, expected) => {
    expect(await outputOf(expression(source), { input: { items: [a, b] } })).toEqual(expected);
  });

  const catching = (more: object) =>
    machine({
      Only: {
        Type: 'Task',
        Resource: resource,
        Catch: [{ ErrorEquals: ['E'], Next: 'End', ...more }],
        End: true,
      },
      End: { Type: 'Succeed' },
    });

  test.each([
    ['result', 'Output of Pass', single({ Type: 'Pass', Output: '{% $states.result %}' })],
    [
      'result',
      'Assign of Wait',
      single({ Type: 'Wait', Seconds: 1, Assign: { x: '{% $states.result %}' } }),
    ],
    ['result', 'Arguments', task({ Arguments: { a: '{% $states.result.x %}' } })],
    ['result', 'TimeoutSeconds', task({ TimeoutSeconds: '{% $states.result %}' })],
    ['result', 'Items', map({ Items: '{% $states.result %}' })],
    ['result', 'ItemSelector', map({ ItemSelector: '{% $states.result %}' })],
    ['result', 'a Catcher', catching({ Output: '{% $states.result %}' })],
    ['errorOutput', 'Output of Task', task({ Output: '{% $states.errorOutput %}' })],
    [
      'errorOutput',
      'Error of Fail',
      single({ Type: 'Fail', Error: '{% $states.errorOutput.Error %}' }),
    ],
    [
      'errorOutput',
      'a Condition',
      machine({
        Only: {
          Type: 'Choice',
          Choices: [{ Condition: '{% $states.errorOutput = 1 %}', Next: 'End' }],
        },
        End: { Type: 'Succeed' },
      }),
    ],
  ])('may not refer to $states.%s in %s', (member, _field, definition) => {
    expect(refusals(definition)).toEqual([
      expect.stringContaining(`Field '$states.${member}' does not exist.`),
    ]);
  });

  test.each([
    [
      'result',
      'Output and Assign of Task',
      task({ Output: '{% $states.result %}', Assign: { x: '{% $states.result %}' } }),
    ],
    ['result', 'Output of Map', map({ Output: '{% $states.result %}' })],
    [
      'errorOutput',
      'a Catcher',
      catching({
        Output: '{% $states.errorOutput %}',
        Assign: { x: '{% $states.errorOutput.Error %}' },
      }),
    ],
  ])('may refer to $states.%s in %s', (_member, _field, definition) => {
    expect(refusals(definition)).toEqual([]);
  });
});

describe('an Express state machine', () => {
  test.each(['.sync', '.sync:2', '.waitForTaskToken'])('refuses %s', (pattern) => {
    const definition = JSON.stringify(
      task({ Resource: `arn:aws:states:::states:startExecution${pattern}` }),
    );
    expect(problemsOf(definition, 'EXPRESS')).toEqual([
      schema(
        `Express state machine does not support '${pattern}' service integration  at /States/Only/Resource`,
      ),
    ]);
    expect(problemsOf(definition, 'STANDARD')).toEqual([]);
  });
});

describe('accepts', () => {
  test.each<[string, object]>([
    [
      'a QueryLanguage in each state instead of at the top',
      workflow({
        A: { Type: 'Pass', QueryLanguage: 'JSONata', Next: 'B' },
        B: { Type: 'Succeed', QueryLanguage: 'JSONata' },
      }),
    ],
    [
      'comments and a version',
      {
        ...machine({
          A: {
            Type: 'Choice',
            Comment: 'c',
            Choices: [{ Comment: 'c', Condition: true, Next: 'B' }],
          },
          B: { Type: 'Succeed', Comment: 'c' },
        }),
        Comment: 'c',
        Version: '1.0',
      },
    ],
    [
      'names of 80 code points',
      machine({ ['😀'.repeat(80)]: terminal({ Type: 'Pass', Assign: { ['ä'.repeat(80)]: 1 } }) }),
    ],
    [
      'the same variable in two branches',
      single({
        Type: 'Parallel',
        Branches: ['A', 'B'].map((name) =>
          workflow({ [name]: terminal({ Type: 'Pass', Assign: { x: 1 } }) }),
        ),
      }),
    ],
    [
      'the same variable in a branch and in the Catch of its Parallel',
      machine({
        A: {
          Type: 'Parallel',
          End: true,
          Branches: [workflow({ B: terminal({ Type: 'Pass', Assign: { x: 2 } }) })],
          Catch: [{ ErrorEquals: ['E'], Assign: { x: 1 }, Next: 'C' }],
        },
        C: { Type: 'Succeed' },
      }),
    ],
    ['any Task resource', single({ Type: 'Task', Resource: 'arn:aws:states:::ecs:runTask.sync' })],
    ['Credentials', task({ Credentials: { RoleArn: '{% $states.input.role %}' } })],
    [
      'a Retrier that never retries',
      retry({ MaxAttempts: 0, BackoffRate: 1, MaxDelaySeconds: 1, JitterStrategy: 'NONE' }),
    ],
    [
      'End false together with Next',
      machine({ A: { Type: 'Pass', End: false, Next: 'B' }, B: { Type: 'Succeed' } }),
    ],
  ])('%s', (_what, definition) => {
    expect(refusals(definition)).toEqual([]);
  });
});
