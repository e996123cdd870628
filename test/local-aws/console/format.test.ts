import { expect, test } from 'vitest';
import { counted, duration } from '../../../src/local-aws/console/page/format.ts';

test.each([
  [9.4, '9 ms'],
  [1360, '1.36 s'],
  [12_400, '12 s'],
  [125_000, '2 min 5 s'],
  [900_000, '15 min'],
  [7_260_000, '2 h 1 min'],
  [7_200_000, '2 h'],
])('%d milliseconds are shown as %s', (milliseconds, text) => {
  expect(duration(milliseconds)).toBe(text);
});

test.each([
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [25_000, '25,000'],
  [1_234_567, '1,234,567'],
])('the count %d is shown as %s', (count, text) => {
  expect(counted(count)).toBe(text);
});
