import { createRandom } from '../execution-statuses/harness.ts';

/** Random choices from one seed. */
export interface Choices {
  /** In [0, 1). */
  random(): number;
  /** A whole number from `least` to `most`. */
  whole(least: number, most: number): number;
  chance(probability: number): boolean;
  pick<T>(values: readonly T[]): T | undefined;
}

export function createChoices(seed: number): Choices {
  // Otherwise, adjacent seeds would give similar sequences.
  const random = createRandom(((seed * 7919 + 104_729) % 2_147_483_646) + 1);
  for (let i = 0; i < 10; i += 1) random();
  const whole = (least: number, most: number) => least + Math.floor(random() * (most - least + 1));
  return {
    random,
    whole,
    chance: (probability) => random() < probability,
    pick: (values) => values[whole(0, values.length - 1)],
  };
}
