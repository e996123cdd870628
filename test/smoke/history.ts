import { paginateGetExecutionHistory, type SFNClient } from '@aws-sdk/client-sfn';

/** The types of the events of an execution, with the names of their states. */
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
