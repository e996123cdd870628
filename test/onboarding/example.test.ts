import { expect, test } from 'vitest';
import { z } from 'zod';
import { exampleOf } from '../../src/onboarding/example.ts';
import { canonicalInput, exampleRequest } from '../../src/onboarding/request.ts';

test('the example has the first example of each member, optional or not, at any depth', () => {
  const schema = z.object({
    locale: z.string().meta({ examples: ['de-CH', 'en-US'] }),
    address: z
      .object({
        city: z
          .string()
          .meta({ examples: ['Bern'] })
          .nullish(),
        floors: z
          .array(z.number())
          .optional()
          .meta({ examples: [[1, 2]] }),
      })
      .optional(),
  });
  expect(exampleOf(schema)).toEqual({
    locale: 'de-CH',
    address: { city: 'Bern', floors: [1, 2] },
  });
});

test.each([
  ['required', z.string()],
  ['optional', z.string().nullish()],
])('an error names the %s member that has no example, and says what to add', (_which, locale) => {
  const schema = z.object({ user: z.object({ locale }) });
  expect(() => exampleOf(schema)).toThrow(
    'The member user.locale has no example. Add .meta({ examples: [a valid value] }) to its schema.',
  );
});

test('an error names the member whose example is invalid', () => {
  const locale = z
    .string()
    .max(5)
    .meta({ examples: ['German'] });
  expect(() => exampleOf(z.object({ user: z.object({ locale }) }))).toThrow(/at user\.locale/);
});

test('the example of a request reaches the workflow as it is', () => {
  expect(canonicalInput(exampleRequest)).toBe(JSON.stringify(exampleRequest));
});
