import { rankOf } from '../../../src/status-table/rank.ts';
import type { Execution } from '../../../src/step-functions/execution.ts';
import type { World } from '../world.ts';

export type Facts = ReturnType<typeof createFacts>;

/** What is true, to compare with what callers are told. */
export function createFacts({ clock, executions, dynamoDb, failures }: World) {
  return {
    fail(what: string): void {
      failures.push(`at ${Math.round(clock.now())} ms: ${what}`);
    },

    /** When the table had a state of at least this rank. */
    writtenAt(executionArn: string, rank: number): number {
      const versions = dynamoDb.items.get(executionArn) ?? [];
      const version = versions.find(({ item }) => Number(item?.rank?.N) >= rank);
      return version?.at ?? Number.POSITIVE_INFINITY;
    },

    /** When the execution came into a state of at least this rank. */
    changedAt(executionArn: string, rank: number): number {
      const states = executions.states.get(executionArn) ?? [];
      const state = states.find(({ execution }) => rankOf(execution) >= rank);
      return state?.at ?? Number.POSITIVE_INFINITY;
    },

    /** Whether it was so at some time since then. */
    isTrue(told: Omit<Execution, 'startDate' | 'stopDate'>, since = 0): boolean {
      const states = executions.states.get(told.executionArn) ?? [];
      return states.some(
        ({ execution }, index) =>
          rankOf(execution) === rankOf(told) &&
          execution.status === told.status &&
          execution.output === told.output &&
          execution.error === told.error &&
          execution.cause === told.cause &&
          (states[index + 1]?.at ?? Number.POSITIVE_INFINITY) >= since,
      );
    },
  };
}
