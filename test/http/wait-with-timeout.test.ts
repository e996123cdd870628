import { expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { timedOut, waitWithTimeout } from '../../src/http/wait-with-timeout.ts';

test('each turn returns timeIsUp until the promise resolves, then its value', async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const next = waitWithTimeout(promise, systemClock);
  expect(await next(1)).toBe(timedOut);
  resolve('done');
  expect(await next(60_000)).toBe('done');
  expect(await next(60_000)).toBe('done');
});

test('a turn rejects when the promise rejects', async () => {
  const { promise, reject } = Promise.withResolvers<string>();
  const next = waitWithTimeout(promise, systemClock);
  const turn = next(60_000);
  reject(new Error('over'));
  await expect(turn).rejects.toThrow('over');
});

test('a pending promise gets one reaction, however many turns there are', async () => {
  let reactions = 0;
  const promise = Object.assign(new Promise<never>(() => {}), {
    // biome-ignore lint/suspicious/noThenProperty: it is a promise
    then() {
      reactions += 1;
    },
  });
  const next = waitWithTimeout(promise, systemClock);
  for (let turn = 0; turn < 20; turn += 1) expect(await next(1)).toBe(timedOut);
  expect(reactions).toBe(1);
});
