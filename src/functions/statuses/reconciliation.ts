import { rankOf } from '../../status-table/rank.ts';
import type { StateMachineArn } from '../../step-functions/arns.ts';
import { type Execution, isRunning } from '../../step-functions/execution.ts';
import type { Clock } from './clock.ts';
import type { Connections } from './connections.ts';
import { begunAt, listExecutions } from './listing.ts';
import { type MadeUp, makeUpFor } from './making-up.ts';

/**
 * An execution is compared once its events have had this long to arrive. With a minute between runs
 * and half of one to describe in, a lost event is made up for within three minutes.
 */
const settledMilliseconds = 90_000;
/** Executions that ended are compared if they began this recently, so in one run at least. */
const recentMilliseconds = 180_000;
/** The most by which a writer's clock is behind that of Step Functions. */
const clockMilliseconds = 10_000;

export interface Run {
  readonly stateMachine: StateMachineArn;
  readonly clock: Clock;
  /** When to begin nothing more, in epoch milliseconds. */
  readonly until: number;
}

/**
 * Compares the status table with what Step Functions lists, and describes the executions whose
 * events must have been lost: those that run by the table alone, and those of which the table has
 * an earlier state than the list, or none.
 *
 * @throws {StatusTableError} the table could not be read
 */
export async function reconcile(connections: Connections, run: Run): Promise<MadeUp> {
  const { records, table } = connections;
  const { clock, stateMachine, until } = run;
  const startedAt = clock.now();
  const settledBefore = startedAt - settledMilliseconds;
  const recentAfter = startedAt - recentMilliseconds;
  const running = await connections.running(settledBefore);
  const changes = await table.changesSince(recentAfter - clockMilliseconds);
  const ranks = new Map(running.keys().map((executionArn) => [executionArn, 0]));
  for (const { executionArn, rank } of changes) ranks.set(executionArn, rank);

  const listUntil = (startedAt + until) / 2;
  const listing = await listExecutions(records, stateMachine, {
    recentAfter,
    mayContinue: () => clock.now() < listUntil,
  });
  const listed = [...listing.executions.values()].filter(
    (execution) =>
      begunAt(execution) < settledBefore &&
      rankOf(execution) > (ranks.get(execution.executionArn) ?? -1),
  );
  const unlisted = [...running].flatMap(([executionArn, startDate]) =>
    startDate.getTime() > listing.runningAfter && !listing.executions.has(executionArn)
      ? [{ executionArn, startDate }]
      : [],
  );
  const oldestFirst = [...listed, ...unlisted]
    .toSorted((a, b) => a.startDate.getTime() - b.startDate.getTime())
    .map(({ executionArn }) => executionArn);

  // The list was read after the indexes: what changed in between is none that was lost.
  const stored = await table.read(oldestFirst);
  const behind = oldestFirst.filter((arn) =>
    isBehind(stored.get(arn), listing.executions.get(arn)),
  );
  const madeUp = await makeUpFor(behind, stored, connections, run);
  return { ...madeUp, failure: listing.failure ?? madeUp.failure };
}

/** Whether the table's state of an execution is earlier than the listed one, or none. */
function isBehind(stored: Execution | undefined, listed: Execution | undefined): boolean {
  if (!listed) return stored !== undefined && isRunning(stored);
  return !stored || rankOf(stored) < rankOf(listed);
}
