import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { yieldIfLarge } from '../../src/http/large-bodies.ts';

test.each([
  ['no body', 'at once', {}],
  ['64 KiB', 'at once', { 'content-length': '65536' }],
  ['more than 64 KiB', 'in a later turn', { 'content-length': '65537' }],
  ['a chunked body', 'in a later turn', { 'transfer-encoding': 'chunked' }],
])('a request with %s continues %s', async (_what, when, headers) => {
  let isDone = false;
  yieldIfLarge({ headers }, () => {
    isDone = true;
  });
  expect(isDone).toBe(when === 'at once');
  await setImmediate();
  expect(isDone).toBe(true);
});
