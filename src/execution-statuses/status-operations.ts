import type { Clock } from '../clock.ts';
import type { StatusTable } from '../status-table/status-table.ts';
import { StepFunctionsError } from '../step-functions/errors.ts';
import type { Execution } from '../step-functions/execution.ts';
import { createOperation } from './operation.ts';
import type { StatusOperation } from './status.ts';

/** Timeout of table calls, after which DescribeExecution takes over. DynamoDB usually takes 10 ms. */
const TABLE_MILLISECONDS = 1000;
/** Failures that do not mean that DescribeExecution as a whole is failing. */
const harmlessFailures: ReadonlySet<string> = new Set(['not-found', 'throttled']);

/** Creates the AWS operations that statuses come from. Without a table, `describe` is the only one. */
export function createStatusOperations(options: {
  describe(executionArn: string, signal: AbortSignal): Promise<Execution>;
  table?: StatusTable | undefined;
  clock: Clock;
  onFailure(operation: StatusOperation, error: unknown): void;
}) {
  const { table, clock, onFailure } = options;
  const ofTable = (name: StatusOperation) => ({
    clock,
    milliseconds: TABLE_MILLISECONDS,
    onFailure: (error: unknown) => onFailure(name, error),
  });
  const describe = createOperation({
    call: options.describe,
    clock,
    isFailure: (error) =>
      !(error instanceof StepFunctionsError && harmlessFailures.has(error.failure)),
    onFailure: (error) => onFailure('DescribeExecution', error),
  });
  const read = table && createOperation({ call: table.read, ...ofTable('BatchGetItem') });
  const query = table && createOperation({ call: table.changesSince, ...ofTable('Query') });

  return {
    describe,
    read,
    query,
    failures: () => ({
      DescribeExecution: describe.failures,
      BatchGetItem: read?.failures ?? 0,
      Query: query?.failures ?? 0,
    }),
    cancel() {
      for (const operation of [describe, read, query]) operation?.cancel();
    },
  };
}
