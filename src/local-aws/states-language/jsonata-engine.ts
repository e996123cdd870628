import jsonata from 'jsonata';
import type { Json } from './execution.ts';
import {
  maxArrayLength,
  memoryLimitExceeded,
  stepFunctionsFunctions,
} from './jsonata-functions.ts';

/** The variables an expression sees: `states`, and the state machine's own. */
export type Bindings = Readonly<Record<string, unknown>>;

/** An evaluation that took longer than it may here. */
export class EvaluationTimeout extends Error {
  override readonly name = 'EvaluationTimeout';
  /** What this thread worked meanwhile. */
  readonly cpuMilliseconds: number;

  constructor(cpuMilliseconds: number) {
    super();
    this.cpuMilliseconds = cpuMilliseconds;
  }
}

/** AWS nests expressions 100 deep. */
const guardrails = { stack: 100, sequence: maxArrayLength };

/**
 * Compiles an expression with the functions that Step Functions has.
 *
 * @param timeout of an evaluation in milliseconds; none where undefined
 * @throws what JSONata throws: an object with a `code` and a `message`
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
 * Returns plain JSON, or undefined where the expression yields nothing.
 *
 * @throws {EvaluationTimeout}
 * @throws {Error} whose message continues `The expression `
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
 * Copies JSONata's result: its arrays carry marks of its own (`sequence`, `keepSingleton`), and its
 * functions are objects. A number that JSON has no literal for becomes a string, as on AWS.
 */
function toJson(result: unknown): Json | undefined {
  let values = 0;

  function copy(value: unknown): Json {
    values += 1;
    // Also bounds what a small result that contains itself many times over would unfold to.
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
