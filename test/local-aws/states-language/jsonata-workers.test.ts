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
