import { expect, test } from 'vitest';
import { parsePreferWait } from '../../src/onboarding/prefer-wait.ts';

test.each<[field: string | string[], seconds: number]>([
  ['wait=10', 10],
  ['wait=0', 0],
  ['wait=60', 60],
  ['wait=61', 60],
  ['wait=99999999999999999999', 60],
  ['Wait=10', 10],
  ['wait = 10', 10],
  ['wait="10"', 10],
  ['wait=10; strict', 10],
  ['respond-async, wait=10', 10],
  ['respond-async,wait=10,handling=lenient', 10],
  ['wait=5, wait=20', 5],
  [['respond-async', 'wait=10'], 10],
  ['foo="a, wait=5", wait=10', 10],
  ['foo="a \\", wait=5", wait=10', 10],
])('%j waits %d s', (field, seconds) => {
  expect(parsePreferWait(field)).toBe(seconds);
});

test.each([
  [undefined],
  [''],
  ['respond-async'],
  ['wait'],
  ['wait='],
  ['wait=-1'],
  ['wait=1.5'],
  ['wait=soon'],
  ['wait=10s'],
  ['await=10'],
  ['foo; wait=10'],
  ['foo="bar, wait=5"'],
  ['foo="bar, wait=5'],
  ['foo="bar, wait=5\\'],
])('%j is ignored', (field) => {
  expect(parsePreferWait(field)).toBeUndefined();
});
