import { functions } from '../workflow/resources.ts';
import type { LambdaFunctions } from './integrations/lambda.ts';

/** The Lambda functions of the workflow, to run in this process. */
export async function loadFunctions(): Promise<LambdaFunctions> {
  const loaded = Object.values(functions).map(
    async ({ name, module }) =>
      [name, await import(new URL(`../../${module}`, import.meta.url).href)] as const,
  );
  return new Map(await Promise.all(loaded));
}
