import type jsonata from 'jsonata';
import { yieldToEventLoop } from './event-loop.ts';
import type { Json } from './execution.ts';
import {
  type Bindings,
  compileWithFunctions,
  EvaluationTimeout,
  evaluateCompiled,
  messageOf,
} from './jsonata-engine.ts';
import { type StatesMember, unsupportedReferences } from './jsonata-references.ts';
import { freeVariables, mayBlock, newerOperator } from './jsonata-syntax.ts';
import { evaluateInWorker } from './jsonata-workers.ts';

export interface Expression {
  readonly source: string;
  /** Variables that it refers to and does not bind itself; functions among them. */
  readonly variables: readonly string[];
  /**
   * Returns plain JSON, or undefined where the expression yields nothing.
   *
   * @throws {Error} whose message continues `The expression `
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
 * How long an expression may take in this thread: JSONata evaluates in microtasks, and for as long
 * nothing else runs here.
 */
const mainThreadMilliseconds = 20;

/**
 * Compiles the text between `{%` and `%}`. Almost every expression is evaluated in this thread, in
 * microseconds. One that takes longer starts over in a worker, which is safe, since expressions have no effects.
 *
 * @param available the members of `$states` that the field may refer to
 * @throws {InvalidExpression}
 */
export function compileExpression(source: string, available: readonly StatesMember[]): Expression {
  const compiled = parse(source);
  const ast = compiled.ast();
  const newer = newerOperator(source, ast);
  if (newer) throw new InvalidExpression('INVALID_JSONATA_EXPRESSION', [newer]);
  const unsupported = unsupportedReferences(ast, available);
  if (unsupported.length > 0) {
    throw new InvalidExpression('UNSUPPORTED_JSONATA_EXPRESSION', unsupported);
  }
  /** Known once it has run long: it is not tried here again. */
  let runsLong = mayBlock(ast);

  async function evaluateHere(bindings: Bindings): Promise<Json | undefined> {
    if (runsLong) throw new EvaluationTimeout(0);
    return evaluateCompiled(compiled, bindings);
  }

  return {
    source,
    variables: freeVariables(ast),
    async evaluate(bindings) {
      for (let spent = 0; !runsLong; ) {
        try {
          return await oneAtATime(() => evaluateHere(bindings));
        } catch (error) {
          if (!(error instanceof EvaluationTimeout)) throw error;
          // On a busy machine the time may have passed with hardly any work done.
          spent += error.cpuMilliseconds;
          runsLong ||= spent >= mainThreadMilliseconds;
        }
      }
      return evaluateInWorker(source, bindings);
    },
  };
}

let lastEvaluation: Promise<unknown> = Promise.resolve();

/** One after another, since the time that others take would count as an expression's own. */
function oneAtATime<T>(evaluate: () => Promise<T>): Promise<T> {
  const evaluation = lastEvaluation.then(yieldToEventLoop).then(evaluate);
  lastEvaluation = evaluation.catch(() => undefined);
  return evaluation;
}

function parse(source: string): jsonata.Expression {
  try {
    return compileWithFunctions(source, mainThreadMilliseconds);
  } catch (error) {
    // AWS leaves out JSONata's code here, unlike in errors of an evaluation.
    throw new InvalidExpression('INVALID_JSONATA_EXPRESSION', [messageOf(error)]);
  }
}
