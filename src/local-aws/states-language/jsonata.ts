import jsonata from 'jsonata';
import type { Json } from './execution.ts';
import { stepFunctionsFunctions } from './jsonata-functions.ts';
import { type StatesMember, unsupportedReferences } from './jsonata-references.ts';

/** The variables an expression sees: `states`, and the state machine's own. */
export type Bindings = Readonly<Record<string, unknown>>;

export interface Expression {
  readonly source: string;
  /**
   * Gives plain JSON, or undefined where the expression yields nothing.
   *
   * @throws {Error} with a message for people
   */
  evaluate(bindings: Bindings): Promise<Json | undefined>;
}

/** An expression that Step Functions would not accept. */
export class InvalidExpression extends Error {
  override readonly name = 'InvalidExpression';
  readonly code: 'INVALID_JSONATA_EXPRESSION' | 'UNSUPPORTED_JSONATA_EXPRESSION';
  /** One sentence each. */
  readonly problems: readonly string[];

  constructor(code: InvalidExpression['code'], problems: readonly string[]) {
    super(problems.join(' '));
    this.code = code;
    this.problems = problems;
  }
}

/**
 * AWS nests expressions 100 deep. JSONata evaluates in microtasks, so that until the time is up
 * nothing else in this process runs.
 */
const limits = { stack: 100, timeout: 1000 };

/** Every value takes a byte of JSON or more, so a result with more of them is over 256 KiB. */
const maxValues = 262_144;

/**
 * Compiles the text between `{%` and `%}`.
 *
 * @param available the members of `$states` that the field may refer to
 * @throws {InvalidExpression}
 */
export function compileExpression(source: string, available: readonly StatesMember[]): Expression {
  const compiled = parse(source);
  const unsupported = unsupportedReferences(compiled.ast(), available);
  if (unsupported.length > 0) {
    throw new InvalidExpression('UNSUPPORTED_JSONATA_EXPRESSION', unsupported);
  }
  compiled.assign('eval', undefined);
  for (const [name, implementation] of Object.entries(stepFunctionsFunctions)) {
    compiled.registerFunction(name, implementation);
  }
  return {
    source,
    async evaluate(bindings) {
      try {
        return toJson(await inTurn(() => compiled.evaluate(undefined, bindings)));
      } catch (error) {
        throw new Error(describe(error), { cause: error });
      }
    },
  };
}

let lastEvaluation: Promise<unknown> = Promise.resolve();

/** One after another, since the time that others take would count as an expression's own. */
function inTurn<T>(evaluate: () => Promise<T>): Promise<T> {
  const evaluation = lastEvaluation.then(evaluate);
  lastEvaluation = evaluation.catch(() => undefined);
  return evaluation;
}

function parse(source: string): jsonata.Expression {
  try {
    return jsonata(source, limits);
  } catch (error) {
    // AWS leaves out JSONata's code here, unlike in errors of an evaluation.
    throw new InvalidExpression('INVALID_JSONATA_EXPRESSION', [messageOf(error)]);
  }
}

/** JSONata throws plain objects with a code and a message. */
function messageOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('message' in error)) return String(error);
  return String(error.message);
}

function describe(error: unknown): string {
  const coded = typeof error === 'object' && error !== null && 'code' in error;
  return coded ? `${error.code}: ${messageOf(error)}` : messageOf(error);
}

/**
 * Copies JSONata's result: its arrays carry marks of its own (`sequence`, `keepSingleton`), and its
 * functions are objects. A number that JSON has no literal for becomes a string, as on AWS.
 */
function toJson(result: unknown): Json | undefined {
  let values = 0;

  function copy(value: unknown): Json {
    values += 1;
    if (values > maxValues) throw new Error('Expression evaluation memory limit exceeded');
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
    if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
    if (Array.isArray(value)) return value.map(copy);
    if (
      typeof value === 'object' &&
      !('_jsonata_lambda' in value || '_jsonata_function' in value)
    ) {
      return Object.fromEntries(
        Object.entries(value).map(([name, member]) => [name, copy(member)]),
      );
    }
    throw new Error('The result is a function, which JSON cannot represent');
  }

  return result === undefined ? undefined : copy(result);
}
