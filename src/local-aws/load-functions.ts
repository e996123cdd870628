import { existsSync } from 'node:fs';
import { InvalidWorkflow } from '../workflow/definition.ts';
import { functions, type LambdaFunction } from '../workflow/resources.ts';
import type { LambdaFunctions } from './integrations/lambda.ts';

/**
 * Loads the Lambda functions of the workflow into this process. Returns them by name.
 *
 * @throws {InvalidWorkflow} if a module does not exist or exports no handler
 */
export async function loadFunctions(
  listed: Readonly<Record<string, LambdaFunction>> = functions,
): Promise<LambdaFunctions> {
  const loading = Object.entries(listed).map(async ([id, { name, module }]) => {
    const url = new URL(`../../${module}`, import.meta.url);
    const loaded = existsSync(url) ? await import(url.href) : undefined;
    if (typeof loaded?.handler === 'function') return [name, loaded] as const;
    throw new InvalidWorkflow(
      `src/workflow/resources.ts: the module of ${id}, ${module}, ${loaded ? 'does not export a function named handler' : 'does not exist'}.`,
    );
  });
  return new Map(await Promise.all(loading));
}
