import type { Check } from './checks.ts';

/** Runs the checks in order, and prints a line for each. Returns whether all passed. */
export async function runChecks(
  checks: readonly Check[],
  print: (line: string) => void,
): Promise<boolean> {
  let isAllPassed = true;
  for (const { name, run } of checks) {
    try {
      await run();
      print(`ok      ${name}`);
    } catch (error) {
      isAllPassed = false;
      print(`FAILED  ${name}\n        ${error instanceof Error ? error.message : error}`);
    }
  }
  return isAllPassed;
}
