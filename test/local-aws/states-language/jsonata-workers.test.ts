import { expect, test } from 'vitest';
import { evaluateInWorker } from '../../../src/local-aws/states-language/jsonata-workers.ts';

const slow = '$count([1..200000].($ * 2))';

test('an expression that comes as spare workers end is evaluated all the same', async () => {
  const evaluations = Array.from({ length: 8 }, () => evaluateInWorker(slow, {}));
  // The last of them frees one worker more than is kept, which ends.
  for (const evaluation of evaluations) {
    expect(await evaluation).toBe(200_000);
    const more = Array.from({ length: 10 }, (_, n) => evaluateInWorker('$n + 1', { n }));
    expect(await Promise.all(more)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  }
}, 30_000);

test('bindings that cannot be sent fail their expression, and nothing else', async () => {
  const unsendable = evaluateInWorker('1', { f: () => undefined });
  await expect(unsendable).rejects.toThrow('threw an error during evaluation.');
  expect(await evaluateInWorker('1 + 1', {})).toBe(2);
});
