import { createHash } from 'node:crypto';

/**
 * A number in [0, 1) that depends on nothing but its arguments, so that what befalls a call is the
 * same in every run, whatever the order in which calls arrive.
 */
export function chance(seed: number, ...of: readonly (string | number)[]): number {
  const hash = createHash('sha256')
    .update(JSON.stringify([seed, ...of]))
    .digest();
  return hash.readUInt32BE() / 2 ** 32;
}
