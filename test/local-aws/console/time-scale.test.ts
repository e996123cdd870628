import { expect, test } from 'vitest';
import { createScale, inOrder } from '../../../src/local-aws/console/page/time-scale.ts';

test('moments are put in order, without duplicates', () => {
  expect(inOrder([3000, 10, 200, 10])).toEqual([10, 200, 3000]);
});

test('without a long wait, positions are proportional to the time', () => {
  const scale = createScale([0, 100, 400], 1000);
  expect(scale.isFolded).toBe(false);
  expect([0, 100, 250, 1000, 2000].map(scale.position)).toEqual([0, 0.1, 0.25, 1, 1]);
});

test('a long wait takes half of the room', () => {
  const scale = createScale([0, 50, 100, 10_100], 10_200);
  expect(scale.isFolded).toBe(true);
  expect([100, 10_100].map(scale.position)).toEqual([0.25, 0.75]);
});

test('the wait that goes on at the end is folded too', () => {
  const moments = [0, 50, 100, 150];
  expect(createScale(moments, 160).isFolded).toBe(false);
  const scale = createScale(moments, 10_150);
  expect(scale.isFolded).toBe(true);
  expect([150, 10_150].map(scale.position)).toEqual([0.5, 1]);
});
