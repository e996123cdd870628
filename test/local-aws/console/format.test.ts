import { expect, test } from 'vitest';
import { duration } from '../../../src/local-aws/console/page/format.ts';

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
