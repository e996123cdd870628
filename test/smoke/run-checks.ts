import type { Check } from './checks.ts';

/** Runs one check after the other, and prints a line for each. Resolves to whether all passed. */
export async function runChecks(
  checks: readonly Check[],
  print: (line: string) => void,
): Promise<boolean> {
  let hasFailed = false;
  for (const { name, run } of checks) {
    try {
      await run();
      print(`ok      ${name}`);
    } catch (error) {
      hasFailed = true;
      print(`FAILED  ${name}\n        ${error instanceof Error ? error.message : error}`);
    }
  }
  return !hasFailed;
}
