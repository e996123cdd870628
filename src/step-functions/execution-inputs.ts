import type { SFNClient } from '@aws-sdk/client-sfn';
import { LRUCache } from 'lru-cache';
import { describeExecution } from './describe-execution.ts';
import { IncompleteResponse, StepFunctionsError } from './errors.ts';

/**
 * Returns the input that an execution was started with.
 *
 * @param caller whose calls count together in the describe budget
 * @throws {StepFunctionsError}
 */
export type DescribeInput = (executionArn: string, caller: string) => Promise<string>;

const maximumBytes = 16 * 1024 * 1024;
/** The size of a cache entry without its input. */
const entryBytes = 500;
/** Much shorter than the 90 days after which a new execution can have the same name and ARN. */
const cacheMilliseconds = 3_600_000;

/**
 * Describes each execution once and caches its input, which never changes. Callers may repeat a
 * request many times a second, and the quota of DescribeExecution is 10 or 15 calls a second.
 *
 * @param options.withinBudget makes the call when the describe budget has a token for the caller
 */
export function createExecutionInputs(options: {
  client: SFNClient;
  withinBudget(call: () => Promise<string>, caller: string): Promise<string>;
}): DescribeInput {
  const { client, withinBudget } = options;
  const inputs = new LRUCache<string, string, { readonly caller: string }>({
    maxSize: maximumBytes,
    // V8 stores a string in at most two bytes per UTF-16 code unit.
    sizeCalculation: (input) => entryBytes + 2 * input.length,
    ttl: cacheMilliseconds,
    fetchMethod: (executionArn, _stale, { context: { caller } }) =>
      withinBudget(() => describeInput(client, executionArn), caller),
    // Return the input even if it is evicted while it is being fetched.
    ignoreFetchAbort: true,
  });
  return (executionArn, caller) => inputs.forceFetch(executionArn, { context: { caller } });
}

async function describeInput(client: SFNClient, executionArn: string): Promise<string> {
  const { input } = await describeExecution(client, executionArn);
  if (input === undefined) throw new StepFunctionsError('unavailable', new IncompleteResponse());
  return input;
}
