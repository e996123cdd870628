import { createHash } from 'node:crypto';

/**
 * A number in [0, 1) that depends only on its arguments, so that each call meets the same fate in
 * every run, in whatever order calls arrive.
 */
export function chance(seed: number, ...of: readonly (string | number)[]): number {
  const hash = createHash('sha256')
    .update(JSON.stringify([seed, ...of]))
    .digest();
  return hash.readUInt32BE() / 2 ** 32;
}
