import { createHash, randomUUID } from 'node:crypto';

const hashAlgorithms: ReadonlyMap<unknown, string> = new Map([
  ['MD5', 'md5'],
  ['SHA-1', 'sha1'],
  ['SHA-256', 'sha256'],
  ['SHA-384', 'sha384'],
  ['SHA-512', 'sha512'],
]);

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/** The length of the longest array that AWS accepts in an expression, measured on AWS. */
export const maxArrayLength = 873_782;

export const memoryLimitExceeded = 'Expression evaluation memory limit exceeded';

/**
 * The functions that Step Functions adds to JSONata, and the JSONata functions that it changes. If an
 * argument is undefined, so is the result.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */
export const stepFunctionsFunctions: Readonly<Record<string, (...args: unknown[]) => unknown>> = {
  partition(...args) {
    const [array, chunkSize] = expectArguments('partition', args, 2);
    if (array === undefined) return undefined;
    if (!Array.isArray(array)) throw argumentError('partition', 1, 'an array');
    const size = args.length < 2 ? Math.max(array.length, 1) : toInteger('partition', 2, chunkSize);
    if (size === undefined) return undefined;
    if (size < 1) throw argumentError('partition', 2, 'a positive integer');
    const chunks = [];
    for (let start = 0; start < array.length; start += size) {
      chunks.push(array.slice(start, start + size));
    }
    return chunks;
  },

  range(...args) {
    const [first, last, step] = expectArguments('range', args, 3);
    const from = toInteger('range', 1, first);
    const to = toInteger('range', 2, last);
    const by = toInteger('range', 3, step);
    if (from === undefined || to === undefined || by === undefined) return undefined;
    if (by === 0) throw argumentError('range', 3, 'an integer other than zero');
    const length = Math.floor((to - from) / by) + 1;
    if (length > maxArrayLength) throw new Error(memoryLimitExceeded);
    // In JSONata a sequence of one value equals that value.
    if (length === 1) return from;
    return length < 1 ? undefined : Array.from({ length }, (_, index) => from + index * by);
  },

  hash(...args) {
    const [content, algorithm] = expectArguments('hash', args, 2);
    if (content === undefined || algorithm === undefined) return undefined;
    if (typeof content !== 'string') throw argumentError('hash', 1, 'a string');
    const name = hashAlgorithms.get(algorithm);
    if (!name) throw argumentError('hash', 2, `one of ${[...hashAlgorithms.keys()].join(', ')}`);
    return createHash(name).update(content).digest('hex');
  },

  random(...args) {
    const [seed] = expectArguments('random', args, 1);
    if (args.length === 0) return Math.random();
    const integer = toInteger('random', 1, seed);
    if (integer === undefined) return undefined;
    return firstJavaRandom(integer);
  },

  /** JSONata's own function skips invalid characters; AWS refuses them. */
  base64decode(...args) {
    const [text] = expectArguments('base64decode', args, 1);
    if (text === undefined) return undefined;
    if (typeof text !== 'string' || !base64.test(text)) {
      throw argumentError('base64decode', 1, 'a string in Base64');
    }
    return Buffer.from(text, 'base64').toString();
  },

  uuid(...args) {
    expectArguments('uuid', args, 0);
    return randomUUID();
  },

  parse(...args) {
    const [text] = expectArguments('parse', args, 1);
    if (text === undefined) return undefined;
    if (typeof text !== 'string') throw argumentError('parse', 1, 'a string');
    try {
      return JSON.parse(text);
    } catch {
      throw argumentError('parse', 1, 'valid JSON');
    }
  },
};

/** Returns the first `nextDouble()` of `java.util.Random`, by the algorithm in its documentation. */
function firstJavaRandom(seed: number): number {
  const multiplier = 0x5deece66dn;
  let state = BigInt.asUintN(48, BigInt(seed) ^ multiplier);
  const next = (bits: number): number => {
    state = BigInt.asUintN(48, state * multiplier + 0xbn);
    return Number(state >> BigInt(48 - bits));
  };
  return (next(26) * 2 ** 27 + next(27)) / 2 ** 53;
}

function expectArguments(name: string, args: unknown[], most: number): unknown[] {
  if (args.length > most) {
    throw new Error(`The function "${name}" takes at most ${most} arguments, not ${args.length}`);
  }
  return args;
}

/** AWS rounds a number that is not an integer towards zero. */
function toInteger(name: string, position: number, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number') throw argumentError(name, position, 'an integer');
  return Math.trunc(value);
}

function argumentError(name: string, position: number, expected: string): Error {
  return new Error(`Argument ${position} of function "${name}" must be ${expected}`);
}
