import { paginateGetExecutionHistory, type SFNClient } from '@aws-sdk/client-sfn';

/** What an execution did: the types of its events, and the names of the states that they are of. */
export async function historyOf(client: SFNClient, executionArn: string): Promise<string[]> {
  const lines: string[] = [];
  const pages = paginateGetExecutionHistory({ client }, { executionArn });
  for await (const { events = [] } of pages) {
    for (const { type, stateEnteredEventDetails, stateExitedEventDetails } of events) {
      const state = stateEnteredEventDetails ?? stateExitedEventDetails;
      lines.push([type, state?.name].filter(Boolean).join(' '));
    }
  }
  return lines;
}
