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
  /** The variables, functions included, that the expression refers to but does not bind. */
  readonly variables: readonly string[];
  /**
   * Returns plain JSON, or undefined if the expression has no result.
   *
   * @throws {Error} with a message that completes the sentence `The expression …`
   */
  evaluate(bindings: Bindings): Promise<Json | undefined>;
}

/** Step Functions would refuse the expression. */
export class InvalidExpression extends Error {
  override readonly name = 'InvalidExpression';
  readonly code: 'INVALID_JSONATA_EXPRESSION' | 'UNSUPPORTED_JSONATA_EXPRESSION';
  /** One sentence for each problem. */
  readonly problems: readonly string[];

  constructor(code: InvalidExpression['code'], problems: readonly string[]) {
    super(problems.join(' '));
    this.code = code;
    this.problems = problems;
  }
}

/**
 * How long an expression may take in the main thread. JSONata evaluates in microtasks, so nothing else
 * runs during that time.
 */
const mainThreadMilliseconds = 20;

/**
 * Compiles the text between `{%` and `%}`. Most expressions take microseconds and are evaluated in
 * the main thread. One that takes longer starts again in a worker thread, which is safe because
 * expressions have no side effects.
 *
 * @param available the members of `$states` that exist in the field
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
  /** Once true, the expression always runs in a worker. */
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
          // On a busy machine the timeout may pass with hardly any CPU time used.
          spent += error.cpuMilliseconds;
          runsLong ||= spent >= mainThreadMilliseconds;
        }
      }
      return evaluateInWorker(source, bindings);
    },
  };
}

let lastEvaluation: Promise<unknown> = Promise.resolve();

/** Runs evaluations one after another: otherwise the time of one would count for another. */
function oneAtATime<T>(evaluate: () => Promise<T>): Promise<T> {
  const evaluation = lastEvaluation.then(yieldToEventLoop).then(evaluate);
  lastEvaluation = evaluation.catch(() => undefined);
  return evaluation;
}

function parse(source: string): jsonata.Expression {
  try {
    return compileWithFunctions(source, mainThreadMilliseconds);
  } catch (error) {
    // Unlike in evaluation errors, AWS leaves out JSONata's error code here.
    throw new InvalidExpression('INVALID_JSONATA_EXPRESSION', [messageOf(error)]);
  }
}
