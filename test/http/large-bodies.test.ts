import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { yieldIfLarge } from '../../src/http/large-bodies.ts';

test.each([
  ['no body', {}, true],
  ['a small body', { 'content-length': '65536' }, true],
  ['a large body', { 'content-length': '65537' }, false],
  ['a body in chunks', { 'transfer-encoding': 'chunked' }, false],
])('a request with %s goes on, at once: %j, %s', async (_what, headers, isAtOnce) => {
  let isDone = false;
  yieldIfLarge({ headers }, () => {
    isDone = true;
  });
  expect(isDone).toBe(isAtOnce);
  await setImmediate();
  expect(isDone).toBe(true);
});
