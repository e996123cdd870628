import {
  addProblem,
  addUnknownValue,
  maxSeconds,
  numberOf,
  objectsOf,
  objectTemplateOf,
  type Source,
  stringOf,
  templateOf,
} from './definition-fields.ts';
import { isObject } from './execution.ts';
import type { StatesMember } from './jsonata-references.ts';
import type { Catcher, Exit, Retrier } from './states.ts';

/** The variable scope of the states in one `States` object. */
export interface Scope {
  /** Variables of the outer scopes, which this scope may not assign. */
  readonly outerVariables: ReadonlySet<string>;
}

const jsonPathFields = new Set([
  ...['InputPath', 'OutputPath', 'ResultPath', 'ResultSelector', 'Parameters', 'Result'],
  ...['ItemsPath', 'MaxConcurrencyPath', 'SecondsPath', 'TimestampPath', 'ErrorPath', 'CausePath'],
  ...['TimeoutSecondsPath', 'HeartbeatSecondsPath', 'Variable', 'And', 'Or', 'Not'],
  ...['ToleratedFailureCountPath', 'ToleratedFailurePercentagePath'],
]);

export const jsonataOnly = 'Local AWS runs JSONata state machines only.';

/** Adds a problem for every field that is not allowed. */
export function checkFieldNames(source: Source, allowed: readonly string[]): void {
  for (const field of Object.keys(source.json)) {
    if (field === 'Comment' || allowed.includes(field)) continue;
    const message = jsonPathFields.has(field)
      ? `The QueryLanguage is set to 'JSONata', but field '${field}' is only supported for the 'JSONPath' QueryLanguage. ${jsonataOnly}`
      : `Field '${field}' is not supported`;
    addProblem(source, field, message);
  }
  stringOf(source, 'Comment');
}

/** Parses `Output` and `Assign`. */
export function exitOf(
  source: Source,
  scope: Scope,
  next: string | undefined,
  more: readonly StatesMember[] = [],
): Exit {
  const available: readonly StatesMember[] = ['input', 'context', ...more];
  for (const name of isObject(source.json.Assign) ? Object.keys(source.json.Assign) : []) {
    const problem = variableProblem(name, scope);
    if (problem) addProblem(source, `Assign/${name}`, problem);
  }
  return {
    output: templateOf(source, 'Output', available),
    assign: objectTemplateOf(source, 'Assign', available),
    next,
  };
}

/** The specification requires identifiers of Unicode Standard Annex 31. */
const identifier = /^\p{ID_Start}\p{ID_Continue}*$/u;

function variableProblem(name: string, { outerVariables }: Scope): string | undefined {
  if (name === 'states') return "The variable name 'states' is reserved.";
  if ([...name].length > 80) return 'A variable name has at most 80 characters.';
  if (!identifier.test(name)) return `'${name}' is not a valid variable name.`;
  if (outerVariables.has(name)) {
    return `The variable name '${name}' was already defined in a parent scope.`;
  }
  return undefined;
}

export function retryOf(source: Source): Retrier[] {
  const retriers = objectsOf(source, 'Retry');
  return retriers.map((retrier, index) => {
    checkFieldNames(retrier, [
      ...['ErrorEquals', 'IntervalSeconds', 'MaxAttempts', 'BackoffRate', 'MaxDelaySeconds'],
      'JitterStrategy',
    ]);
    const jitter = stringOf(retrier, 'JitterStrategy') ?? 'NONE';
    if (jitter !== 'NONE' && jitter !== 'FULL') {
      addUnknownValue(retrier, 'JitterStrategy', ['FULL', 'NONE']);
    }
    const rate = { min: 1, max: Number.MAX_VALUE, fraction: true };
    return {
      errorEquals: errorEqualsOf(retrier, index === retriers.length - 1),
      intervalSeconds: numberOf(retrier, 'IntervalSeconds', { min: 1, max: maxSeconds }) ?? 1,
      maxAttempts: numberOf(retrier, 'MaxAttempts', { min: 0, max: maxSeconds }) ?? 3,
      backoffRate: numberOf(retrier, 'BackoffRate', rate) ?? 2,
      // AWS requires less than 31622400 seconds, a year.
      maxDelaySeconds:
        numberOf(retrier, 'MaxDelaySeconds', { min: 1, max: 31_622_399 }) ?? Number.MAX_VALUE,
      jitterStrategy: jitter === 'FULL' ? 'FULL' : 'NONE',
    };
  });
}

export function catchOf(source: Source, scope: Scope): Catcher[] {
  const catchers = objectsOf(source, 'Catch');
  return catchers.map((catcher, index) => {
    checkFieldNames(catcher, ['ErrorEquals', 'Next', 'Output', 'Assign']);
    return {
      errorEquals: errorEqualsOf(catcher, index === catchers.length - 1),
      ...exitOf(catcher, scope, requiredNext(catcher), ['errorOutput']),
    };
  });
}

export function requiredNext(source: Source): string {
  const next = stringOf(source, 'Next');
  if (source.json.Next === undefined) {
    addProblem(source, '', 'These fields are required: [Next]');
  }
  return next ?? '';
}

function errorEqualsOf(source: Source, last: boolean): string[] {
  const names = source.json.ErrorEquals;
  const strings = Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
  if (!Array.isArray(names) || names.length === 0 || strings.length !== names.length) {
    addProblem(source, 'ErrorEquals', 'Expected an array of at least one error name');
  }
  if (strings.includes('States.ALL') && (strings.length > 1 || !last)) {
    addProblem(source, 'ErrorEquals', 'States.ALL must appear alone and at end of list');
  }
  return strings;
}
