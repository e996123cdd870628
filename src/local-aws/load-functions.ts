import { existsSync } from 'node:fs';
import { InvalidWorkflow } from '../workflow/definition.ts';
import { functions, type LambdaFunction } from '../workflow/resources.ts';
import type { LambdaFunctions } from './integrations/lambda.ts';

/**
 * The Lambda functions of the workflow, to run in this process.
 *
 * @throws {InvalidWorkflow} a module does not exist, or has no handler
 */
export async function loadFunctions(
  listed: Readonly<Record<string, LambdaFunction>> = functions,
): Promise<LambdaFunctions> {
  const loaded = Object.entries(listed).map(async ([id, { name, module }]) => {
    const url = new URL(`../../${module}`, import.meta.url);
    const loads = existsSync(url) ? await import(url.href) : undefined;
    if (typeof loads?.handler === 'function') return [name, loads] as const;
    throw new InvalidWorkflow(
      `src/workflow/resources.ts: the module of ${id}, ${module}, ${loads ? 'exports no function handler' : 'does not exist'}.`,
    );
  });
  return new Map(await Promise.all(loaded));
}
