import jsonata from 'jsonata';
import type { Json } from './execution.ts';
import {
  maxArrayLength,
  memoryLimitExceeded,
  stepFunctionsFunctions,
} from './jsonata-functions.ts';

/** The variables of an expression: `states` and those of the state machine. */
export type Bindings = Readonly<Record<string, unknown>>;

/** An evaluation exceeded the timeout with which it was compiled. */
export class EvaluationTimeout extends Error {
  override readonly name = 'EvaluationTimeout';
  /** The CPU time that this thread used meanwhile. */
  readonly cpuMilliseconds: number;

  constructor(cpuMilliseconds: number) {
    super();
    this.cpuMilliseconds = cpuMilliseconds;
  }
}

/** AWS allows a nesting depth of 100. */
const guardrails = { stack: 100, sequence: maxArrayLength };

/**
 * Compiles an expression with the functions of Step Functions.
 *
 * @param timeout of an evaluation in milliseconds; undefined means none
 * @throws a plain object of JSONata with a `code` and a `message`
 */
export function compileWithFunctions(source: string, timeout?: number): jsonata.Expression {
  const compiled = jsonata(source, { ...guardrails, ...(timeout !== undefined && { timeout }) });
  compiled.assign('eval', undefined);
  for (const [name, implementation] of Object.entries(stepFunctionsFunctions)) {
    compiled.registerFunction(name, implementation);
  }
  return compiled;
}

/**
 * Returns plain JSON, or undefined if the expression has no result.
 *
 * @throws {EvaluationTimeout}
 * @throws {Error} with a message that completes the sentence `The expression …`
 */
export async function evaluateCompiled(
  compiled: jsonata.Expression,
  bindings: Bindings,
): Promise<Json | undefined> {
  const before = process.threadCpuUsage();
  try {
    return toJson(await compiled.evaluate(undefined, bindings));
  } catch (error) {
    const code = codeOf(error);
    if (code === 'D1012') {
      const { user, system } = process.threadCpuUsage(before);
      throw new EvaluationTimeout((user + system) / 1000);
    }
    if (error instanceof UnsupportedResult) throw error;
    if (code === 'D2014' || code === 'D2015') throw evaluationError(memoryLimitExceeded);
    throw evaluationError(code === undefined ? messageOf(error) : `${code}: ${messageOf(error)}`);
  }
}

export function evaluationError(what: string): Error {
  return new Error(`threw an error during evaluation. ${what}`);
}

class UnsupportedResult extends Error {}

function codeOf(error: unknown): unknown {
  const coded = typeof error === 'object' && error !== null && 'code' in error;
  return coded ? error.code : undefined;
}

/** JSONata throws plain objects with a code and a message. */
export function messageOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('message' in error)) return String(error);
  return String(error.message);
}

/**
 * Copies JSONata's result as plain JSON. JSONata's arrays have extra properties (`sequence`,
 * `keepSingleton`), and its functions are objects. Infinity and NaN become strings, as on AWS.
 */
function toJson(result: unknown): Json | undefined {
  let values = 0;

  function copy(value: unknown): Json {
    values += 1;
    // A small result may refer to the same array many times over, so its copy needs a limit too.
    if (values > maxArrayLength + 1) throw new Error(memoryLimitExceeded);
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
    throw new UnsupportedResult('returned an unsupported result type.');
  }

  return result === undefined ? undefined : copy(result);
}
