import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { evaluateInWorker } from '../../../src/local-aws/states-language/jsonata-workers.ts';

/** More than the evaluations that run at once. */
const many = Math.min(availableParallelism(), 8) + 2;
const slow = '$count([1..200000].($ * 2))';

test('an expression that arrives while surplus workers are terminated is evaluated', async () => {
  const evaluations = Array.from({ length: many }, () => evaluateInWorker(slow, {}));
  // As these end, more workers become idle than are kept, and the surplus is terminated.
  for (const evaluation of evaluations) {
    expect(await evaluation).toBe(200_000);
    const more = Array.from({ length: 10 }, (_, n) => evaluateInWorker('$n + 1', { n }));
    expect(await Promise.all(more)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  }
}, 30_000);

test('bindings that cannot be sent to a worker fail their own expression only', async () => {
  const unsendable = evaluateInWorker('1', { f: () => undefined });
  await expect(unsendable).rejects.toThrow('threw an error during evaluation.');
  expect(await evaluateInWorker('1 + 1', {})).toBe(2);
});

test('long evaluations make way for short ones, and end as they would alone', async () => {
  const loop = '($f := function($n) { $f($n + 1) }; $f(1))';
  // The newest runs first, so this runs last.
  const long = evaluateInWorker(slow, {});
  let ended = 0;
  const loops = Array.from({ length: many }, () =>
    evaluateInWorker(loop, {}).catch((error) => {
      ended += 1;
      return String(error);
    }),
  );
  for (let n = 0; n < 4; n += 1) {
    expect(await evaluateInWorker('$n + 1', { n })).toBe(n + 1);
    // Meanwhile a loop takes its place.
    await setImmediate();
  }
  expect(ended).toBe(0);
  expect(await long).toBe(200_000);
  for (const message of await Promise.all(loops)) expect(message).toContain('D1012');
}, 60_000);
