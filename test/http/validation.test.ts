import { expect, test } from 'vitest';
import { z } from 'zod';
import { InvalidRequest, validatorCompiler } from '../../src/http/validation.ts';

test('a request of nothing but mistakes has a thousand of them named', () => {
  const schema = z.record(z.string(), z.number());
  const validate = validatorCompiler({ schema, method: 'POST', url: '/' });
  const result = validate(Object.fromEntries(Array.from({ length: 1001 }, (_, n) => [n, 'wrong'])));
  expect(result).toEqual({ error: expect.any(InvalidRequest) });
  expect(result).toHaveProperty('error.findings.length', 1000);
});
