import { GetExecutionHistoryCommand, type HistoryEvent, type SFNClient } from '@aws-sdk/client-sfn';
import { throwStepFunctionsError } from './errors.ts';

/** The most that GetExecutionHistory returns at once, by its API reference. */
const pageSize = 1000;

/** A page of an execution's history, newest first, without execution data. */
export interface HistoryPage {
  readonly events: readonly HistoryEvent[];
  readonly nextToken: string | undefined;
}

/**
 * One attempt of GetExecutionHistory.
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
    // Input, output and causes are personal data, and nobody needs them here.
    includeExecutionData: false,
  });
  const { events = [], nextToken: next } = await client
    .send(command)
    .catch(throwStepFunctionsError);
  return { events, nextToken: next };
}
