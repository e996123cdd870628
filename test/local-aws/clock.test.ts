import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/local-aws/clock.ts';

test('a sleep that is aborted rejects with the reason, before or while it lasts', async () => {
  const reason = new Error('woken');
  await expect(systemClock.sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
  const controller = new AbortController();
  const sleep = systemClock.sleep(60_000, controller.signal);
  controller.abort(reason);
  await expect(sleep).rejects.toBe(reason);
});

test('a sleep of a year is not over at once', async () => {
  const warnings: string[] = [];
  const note = (warning: Error) => warnings.push(warning.name);
  process.on('warning', note);
  const controller = new AbortController();
  const sleep = systemClock.sleep(365 * 86_400_000, controller.signal);
  await setImmediate();
  controller.abort(new Error('enough'));
  await expect(sleep).rejects.toThrow('enough');
  process.off('warning', note);
  expect(warnings).toEqual([]);
});

test('no time at all is slept without waiting', async () => {
  await systemClock.sleep(0, new AbortController().signal);
  await systemClock.sleep(-1, new AbortController().signal);
});
