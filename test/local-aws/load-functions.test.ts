import { expect, test } from 'vitest';
import { loadFunctions } from '../../src/local-aws/load-functions.ts';

test('the functions of the workflow are loaded by name', async () => {
  const functions = await loadFunctions();
  expect(functions.get('user-onboarding-apply-referral')?.handler).toBeTypeOf('function');
});

test.each([
  ['src/functions/none.ts', 'does not exist'],
  ['src/workflow/resources.ts', 'does not export a function named handler'],
])('the module %s, which %s, is an error that names its entry', async (module, what) => {
  await expect(loadFunctions({ ScoreUser: { name: 'score-user', module } })).rejects.toThrow(
    `src/workflow/resources.ts: the module of ScoreUser, ${module}, ${what}.`,
  );
});
