import { expect, test } from 'vitest';
import { simulate } from './simulate.ts';

/** `npm run simulate -- --seeds 10000` plays more. */
const seeds = 200;
const atOnce = 20;

test.each(Array.from({ length: seeds / atOnce }, (_, index) => 1 + index * atOnce))(
  'the invariants hold for 20 seeds from %i',
  async (from) => {
    const broken: Record<string, string[]> = {};
    for (let seed = from; seed < from + atOnce; seed += 1) {
      const { failures } = await simulate(seed);
      if (failures.length > 0) broken[`npm run simulate -- --seed ${seed}`] = failures;
    }
    expect(broken).toEqual({});
  },
);

test('a seed gives the same simulation every time', async () => {
  const [first, again] = [await simulate(4711), await simulate(4711)];
  expect(again.counts).toEqual(first.counts);
  expect(again.failures).toEqual(first.failures);
});
