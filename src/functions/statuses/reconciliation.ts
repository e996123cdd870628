import type { Clock } from '../../clock.ts';
import { rankOf } from '../../status-table/rank.ts';
import type { StateMachineArn } from '../../step-functions/arns.ts';
import { type Execution, isRunning } from '../../step-functions/execution.ts';
import type { FunctionClients } from './function-clients.ts';
import { lastStartedAt, listExecutions } from './listing.ts';
import { type Recovery, recoverEvents } from './recovery.ts';

/**
 * The time that events have to arrive before an execution is compared. With a minute between runs
 * and half a minute to describe executions, a lost event is recovered within three minutes.
 */
const settledMilliseconds = 90_000;
/** Ended executions that started within this time are compared, each in at least one run. */
const recentMilliseconds = 180_000;
/** The largest expected lag of a writer's clock behind that of Step Functions. */
const clockSkewMilliseconds = 10_000;

export interface ReconcileOptions {
  readonly stateMachine: StateMachineArn;
  readonly clock: Pick<Clock, 'epoch' | 'schedule'>;
  /** When to stop starting new work, in epoch milliseconds. */
  readonly until: number;
}

/**
 * Compares the status table with the lists of Step Functions, and describes the executions whose
 * events were lost: those that run according to the table but are not listed, and those that are
 * missing in the table or have an earlier state there than in the list.
 *
 * @throws {StatusTableError} the table could not be read
 */
export async function reconcile(
  clients: FunctionClients,
  options: ReconcileOptions,
): Promise<Recovery> {
  const { records, table } = clients;
  const { clock, stateMachine, until } = options;
  const startedAt = clock.epoch();
  const settledBefore = startedAt - settledMilliseconds;
  const recentAfter = startedAt - recentMilliseconds;
  const running = await clients.running(settledBefore);
  const changes = await table.changesSince(recentAfter - clockSkewMilliseconds);
  const ranks = new Map(running.keys().map((executionArn) => [executionArn, 0]));
  for (const { executionArn, rank } of changes) ranks.set(executionArn, rank);

  const listUntil = (startedAt + until) / 2;
  const listing = await listExecutions(records, stateMachine, {
    recentAfter,
    mayContinue: () => clock.epoch() < listUntil,
  });
  const listed = [...listing.executions.values()].filter(
    (execution) =>
      lastStartedAt(execution) < settledBefore &&
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

  // The lists were read after the indexes. Leave out executions that were updated in between.
  const stored = await table.read(oldestFirst);
  const behind = oldestFirst.filter((arn) =>
    isBehind(stored.get(arn), listing.executions.get(arn)),
  );
  const recovery = await recoverEvents(behind, stored, clients, options);
  return { ...recovery, failure: listing.failure ?? recovery.failure };
}

/** Whether the table has no state of an execution, or an earlier one than the list. */
function isBehind(stored: Execution | undefined, listed: Execution | undefined): boolean {
  if (!listed) return stored !== undefined && isRunning(stored);
  return !stored || rankOf(stored) < rankOf(listed);
}
