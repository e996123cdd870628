import { DescribeExecutionCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { LRUCache } from 'lru-cache';
import { IncompleteResponse, StepFunctionsError, throwStepFunctionsError } from './errors.ts';

/**
 * The input that an execution was started with.
 *
 * @throws {StepFunctionsError}
 */
export type DescribeInput = (executionArn: string, caller: string) => Promise<string>;

const maximumBytes = 16 * 1024 * 1024;
/** Of an entry without its input. */
const entryBytes = 500;
/** Short beside the 90 days after which a name, and so an ARN, may be another execution's. */
const keptMilliseconds = 3_600_000;

/**
 * Describes each execution once for its input, which never changes: callers may repeat a request
 * many times a second, and Step Functions describes ten or fifteen.
 *
 * @param options.withinBudget makes the call once the describe budget allows it, for this caller
 */
export function createExecutionInputs(options: {
  client: SFNClient;
  withinBudget(call: () => Promise<string>, caller: string): Promise<string>;
}): DescribeInput {
  const { client, withinBudget } = options;
  const inputs = new LRUCache<string, string, { readonly caller: string }>({
    maxSize: maximumBytes,
    // JavaScript holds a string in two bytes a character at most.
    sizeCalculation: (input) => entryBytes + 2 * input.length,
    ttl: keptMilliseconds,
    fetchMethod: (executionArn, _stale, { context: { caller } }) =>
      withinBudget(() => describeInput(client, executionArn), caller),
    // Callers get the input whether or not there is room to keep it.
    ignoreFetchAbort: true,
  });
  return (executionArn, caller) => inputs.forceFetch(executionArn, { context: { caller } });
}

async function describeInput(client: SFNClient, executionArn: string): Promise<string> {
  const { input } = await client
    .send(new DescribeExecutionCommand({ executionArn }))
    .catch(throwStepFunctionsError);
  if (input === undefined) throw new StepFunctionsError('unavailable', new IncompleteResponse());
  return input;
}
