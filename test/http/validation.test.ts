import { expect, test } from 'vitest';
import { z } from 'zod';
import { InvalidRequest, validatorCompiler } from '../../src/http/validation.ts';

test('the error of a request with more than 1,000 mistakes names 1,000 of them', () => {
  const schema = z.record(z.string(), z.number());
  const validate = validatorCompiler({ schema, method: 'POST', url: '/' });
  const result = validate(Object.fromEntries(Array.from({ length: 1001 }, (_, n) => [n, 'wrong'])));
  expect(result).toEqual({ error: expect.any(InvalidRequest) });
  expect(result).toHaveProperty('error.findings.length', 1000);
});

test('a required member that is missing is Required, unless its schema has its own message', () => {
  const schema = z.object({
    a: z.number(),
    b: z.enum(['x']),
    c: z.string('Own message'),
    d: z.number(),
  });
  const validate = validatorCompiler({ schema, method: 'POST', url: '/' });
  expect(validate({ d: 'wrong' })).toHaveProperty('error.findings', [
    { path: 'a', message: 'Required' },
    { path: 'b', message: 'Required' },
    { path: 'c', message: 'Own message' },
    { path: 'd', message: expect.stringMatching(/number/) },
  ]);
});
