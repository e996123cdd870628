import { expect, test } from 'vitest';
import { BudgetExhausted } from '../../src/call-budget/errors.ts';
import { problemOf } from '../../src/onboarding/problem-of.ts';
import { StepFunctionsError } from '../../src/step-functions/errors.ts';

test.each([
  [new BudgetExhausted(7), '7'],
  [new StepFunctionsError('throttled'), '2'],
])('%s becomes 503 with Retry-After: %s', (error, retryAfter) => {
  expect(problemOf(error)).toMatchObject({
    type: { slug: 'step-functions-throttled', status: 503 },
    extras: { headers: { 'retry-after': retryAfter } },
  });
});
