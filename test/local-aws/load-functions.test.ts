import { expect, test } from 'vitest';
import { loadFunctions } from '../../src/local-aws/load-functions.ts';

test('the functions of the workflow are loaded by their names', async () => {
  const functions = await loadFunctions();
  expect(functions.get('user-onboarding-apply-referral')?.handler).toBeTypeOf('function');
});

test.each([
  ['src/functions/none.ts', 'does not exist'],
  ['src/workflow/resources.ts', 'exports no function handler'],
])('the module %s %s: an error that names the entry', async (module, what) => {
  await expect(loadFunctions({ ScoreUser: { name: 'score-user', module } })).rejects.toThrow(
    `src/workflow/resources.ts: the module of ScoreUser, ${module}, ${what}.`,
  );
});
