import { expect, test } from 'vitest';
import { evaluateInWorker } from '../../../src/local-aws/states-language/jsonata-workers.ts';

const slow = '$count([1..200000].($ * 2))';

test('an expression that arrives while surplus workers are terminated is evaluated', async () => {
  const evaluations = Array.from({ length: 8 }, () => evaluateInWorker(slow, {}));
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

test('long evaluations make way for a short one, and end as they would alone', async () => {
  const loop = '($f := function($n) { $f($n + 1) }; $f(1))';
  let ended = 0;
  const loops = Array.from({ length: 8 }, () =>
    evaluateInWorker(loop, {}).catch((error) => {
      ended += 1;
      return String(error);
    }),
  );
  const long = evaluateInWorker(slow, {});
  expect(await evaluateInWorker('1 + 1', {})).toBe(2);
  expect(ended).toBe(0);
  expect(await long).toBe(200_000);
  for (const message of await Promise.all(loops)) expect(message).toContain('D1012');
}, 60_000);
