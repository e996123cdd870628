import type { Clock } from '../../clock.ts';
import type { StateMachineArn } from '../../step-functions/arns.ts';
import { findBehind, findUnlisted, markLost } from './comparison.ts';
import type { FunctionClients } from './function-clients.ts';
import { listExecutions } from './listing.ts';
import { type Recovery, recoverEvents } from './recovery.ts';

/**
 * The time that events have to arrive before an execution is compared. With a minute between runs
 * and half a minute to describe executions, a lost event is recovered within three minutes.
 */
const settledMilliseconds = 90_000;
/** The first run compares the executions that were started within this time. */
const firstComparedMilliseconds = 180_000;

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
 * Each run compares what was started or redriven since the last complete comparison, so an outage
 * only delays it. What the table lacks is first marked as lost there, because a run describes only a
 * few executions a second: from then on, every run finds the mark until the execution is described.
 *
 * @throws {StatusTableError} the table could not be read or written
 */
export async function reconcile(
  clients: FunctionClients,
  options: ReconcileOptions,
): Promise<Recovery> {
  const { clock, stateMachine, until } = options;
  const startedAt = clock.epoch();
  const settledBefore = startedAt - settledMilliseconds;
  const listUntil = (startedAt + until) / 2;
  const { comparedUntil, interrupted } = (await clients.progress.read()) ?? {
    comparedUntil: startedAt - firstComparedMilliseconds,
  };
  const running = await clients.running(settledBefore);
  const listing = await listExecutions(clients.executionReader, stateMachine, {
    recentAfter: comparedUntil,
    nextToken: interrupted?.nextToken,
    mayContinue: () => clock.epoch() < listUntil,
  });
  const ended = await findUnlisted(running, listing, clients.table);
  const behind = await findBehind(running, listing, settledBefore, clients.table);
  await markLost(behind, clients.recorder);
  const compared = interrupted?.until ?? settledBefore;
  const { isComplete, nextToken } = listing;
  await clients.progress.write(
    isComplete
      ? { comparedUntil: compared }
      : { comparedUntil, interrupted: nextToken ? { until: compared, nextToken } : undefined },
  );
  const lost = running.filter(({ isLost }) => isLost);
  const oldestFirst = [...lost, ...ended, ...behind]
    .toSorted((a, b) => a.startDate.getTime() - b.startDate.getTime())
    .map(({ executionArn }) => executionArn);
  const recovery = await recoverEvents(oldestFirst, clients, options);
  return { ...recovery, failure: listing.failure ?? recovery.failure };
}
