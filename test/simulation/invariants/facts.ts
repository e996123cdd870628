import { rankOf } from '../../../src/status-table/rank.ts';
import type { Execution } from '../../../src/step-functions/execution.ts';
import type { World } from '../world.ts';

export type Facts = ReturnType<typeof createFacts>;

/** The true states, to compare with the responses to callers. */
export function createFacts({ clock, executions, dynamoDb, failures }: World) {
  return {
    fail(what: string): void {
      failures.push(`at ${Math.round(clock.now())} ms: ${what}`);
    },

    /** When the table got a state of at least this rank. */
    writtenAt(executionArn: string, rank: number): number {
      const versions = dynamoDb.items.get(executionArn) ?? [];
      const version = versions.find(({ item }) => item?.status && Number(item.rank?.N) >= rank);
      return version?.at ?? Number.POSITIVE_INFINITY;
    },

    /** When the execution reached a state of at least this rank. */
    changedAt(executionArn: string, rank: number): number {
      const states = executions.states.get(executionArn) ?? [];
      const state = states.find(({ execution }) => rankOf(execution) >= rank);
      return state?.at ?? Number.POSITIVE_INFINITY;
    },

    /** Whether the reported state was true at some time since then. */
    isTrue(reported: Omit<Execution, 'startDate' | 'stopDate'>, since = 0): boolean {
      const states = executions.states.get(reported.executionArn) ?? [];
      return states.some(
        ({ execution }, index) =>
          rankOf(execution) === rankOf(reported) &&
          execution.status === reported.status &&
          execution.output === reported.output &&
          execution.error === reported.error &&
          execution.cause === reported.cause &&
          (states[index + 1]?.at ?? Number.POSITIVE_INFINITY) >= since,
      );
    },
  };
}
