import { rankOf } from '../../status-table/rank.ts';
import type { StatusTable } from '../../status-table/status-table.ts';
import { type Execution, isRunning } from '../../step-functions/execution.ts';
import type { ListedExecution } from '../../step-functions/execution-reader.ts';
import { type Listing, lastStartedAt } from './listing.ts';
import type { StatusRecorder } from './recorder.ts';
import type { RunningExecution } from './running-executions.ts';

type Reader = Pick<StatusTable, 'read'>;

/** Bounds the memory, since each execution can have an output of 256 KiB. */
const readAtOnce = 500;
/** One partition of an index takes 1,000 writes a second. */
const markedAtOnce = 8;

/** Returns the executions that run according to the table, but no longer run. */
export function findUnlisted(
  running: readonly RunningExecution[],
  listing: Listing,
  table: Reader,
): Promise<readonly RunningExecution[]> {
  const unlisted = running.filter(
    ({ executionArn, startDate, isLost }) =>
      !isLost &&
      startDate.getTime() > listing.runningAfter &&
      !listing.executions.has(executionArn),
  );
  // The lists were read after the index. Leave out executions that were updated in between.
  return filterStored(unlisted, table, (_, stored) => stored !== undefined && isRunning(stored));
}

/**
 * Returns the listed executions that are missing in the table or have an earlier state there.
 *
 * @param settledBefore the events of later ones may still arrive; epoch milliseconds
 */
export function findBehind(
  running: readonly RunningExecution[],
  listing: Listing,
  settledBefore: number,
  table: Reader,
): Promise<readonly ListedExecution[]> {
  const known = new Map(running.map((each) => [each.executionArn, each]));
  const listed = [...listing.executions.values()].filter((execution) => {
    const inTable = known.get(execution.executionArn);
    const isKnown = inTable && (inTable.isLost || rankOf(execution) === 0);
    return lastStartedAt(execution) < settledBefore && !isKnown;
  });
  return filterStored(
    listed,
    table,
    (execution, stored) => !stored || rankOf(stored) < rankOf(execution),
  );
}

/** Marks executions as lost in the table. */
export async function markLost(
  executions: readonly Execution[],
  recorder: Pick<StatusRecorder, 'markLost'>,
): Promise<void> {
  for (const some of chunksOf(executions, markedAtOnce)) {
    await Promise.all(some.map(recorder.markLost));
  }
}

/** Returns the executions that match together with their states in the table. */
async function filterStored<T extends { readonly executionArn: string }>(
  executions: readonly T[],
  table: Reader,
  matches: (execution: T, stored: Execution | undefined) => boolean,
): Promise<readonly T[]> {
  const found: T[] = [];
  for (const some of chunksOf(executions, readAtOnce)) {
    const stored = await table.read(some.map(({ executionArn }) => executionArn));
    found.push(...some.filter((each) => matches(each, stored.get(each.executionArn))));
  }
  return found;
}

function chunksOf<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
