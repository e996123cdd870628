import { expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { timedOut, waitWithTimeout } from '../../src/onboarding/wait-with-timeout.ts';

test('each wait returns timedOut until the promise resolves, then its value', async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const next = waitWithTimeout(promise, systemClock);
  expect(await next(1)).toBe(timedOut);
  resolve('done');
  expect(await next(60_000)).toBe('done');
  expect(await next(60_000)).toBe('done');
});

test('a wait rejects when the promise rejects', async () => {
  const { promise, reject } = Promise.withResolvers<string>();
  const next = waitWithTimeout(promise, systemClock);
  const waiting = next(60_000);
  reject(new Error('over'));
  await expect(waiting).rejects.toThrow('over');
});

test('a pending promise gets one reaction, however many waits there are', async () => {
  let reactions = 0;
  const promise = Object.assign(new Promise<never>(() => {}), {
    // biome-ignore lint/suspicious/noThenProperty: counts the reactions of a real promise
    then() {
      reactions += 1;
    },
  });
  const next = waitWithTimeout(promise, systemClock);
  for (let wait = 0; wait < 20; wait += 1) expect(await next(1)).toBe(timedOut);
  expect(reactions).toBe(1);
});
