import { GetExecutionHistoryCommand, type HistoryEvent, type SFNClient } from '@aws-sdk/client-sfn';
import { throwStepFunctionsError } from './errors.ts';

/** The maximum of GetExecutionHistory, according to its API reference. */
const pageSize = 1000;

/** A page of the history of an execution, newest event first, without execution data. */
export interface HistoryPage {
  readonly events: readonly HistoryEvent[];
  readonly nextToken: string | undefined;
}

/**
 * Calls GetExecutionHistory, with a single attempt.
 *
 * @throws {StepFunctionsError}
 */
export async function readHistoryPage(
  client: SFNClient,
  executionArn: string,
  nextToken: string | undefined,
): Promise<HistoryPage> {
  const command = new GetExecutionHistoryCommand({
    executionArn,
    nextToken,
    maxResults: pageSize,
    reverseOrder: true,
    // Input, output and causes contain personal data, which is not needed here.
    includeExecutionData: false,
  });
  const { events = [], nextToken: next } = await client
    .send(command)
    .catch(throwStepFunctionsError);
  return { events, nextToken: next };
}
