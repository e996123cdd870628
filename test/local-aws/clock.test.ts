import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/local-aws/clock.ts';

test('an aborted sleep rejects with the abort reason, before it starts or during it', async () => {
  const reason = new Error('woken');
  for (const milliseconds of [0, 60_000]) {
    const sleep = systemClock.sleep(milliseconds, AbortSignal.abort(reason));
    await expect(sleep).rejects.toBe(reason);
  }
  const controller = new AbortController();
  const sleep = systemClock.sleep(60_000, controller.signal);
  controller.abort(reason);
  await expect(sleep).rejects.toBe(reason);
});

test('a sleep of a year does not end immediately', async () => {
  const warnings: string[] = [];
  const record = (warning: Error) => warnings.push(warning.name);
  process.on('warning', record);
  const controller = new AbortController();
  const sleep = systemClock.sleep(365 * 86_400_000, controller.signal);
  await setImmediate();
  controller.abort(new Error('enough'));
  await expect(sleep).rejects.toThrow('enough');
  process.off('warning', record);
  expect(warnings).toEqual([]);
});

test.each([0, -1])('a sleep of %i ms resolves without a timer', async (milliseconds) => {
  const slept = systemClock.sleep(milliseconds, new AbortController().signal);
  const nextTurn = setImmediate('still asleep in the next turn of the event loop');
  expect(await Promise.race([slept, nextTurn])).toBeUndefined();
});
