import type { Clock } from '../clock.ts';
import type { Execution } from '../step-functions/execution.ts';
import type { Operation } from './operation.ts';

/** Ten calls of BatchGetItem, which take about 10 ms each. */
const READ_MAX = 1000;
/** How long the table is not read after a failed read. */
const PAUSE_MILLISECONDS = 1000;

/** Reads executions from the status table in batches. Items added during a read form the next one. */
export interface TableReads<T> {
  /** False without a table, and for a second after a failed read: DescribeExecution takes over. */
  isAvailable(): boolean;
  add(item: T): void;
  delete(item: T): void;
}

/**
 * @param options.read `read` of the status table, if there is one
 * @param options.onRead called with each item after a read, and when the read was sent
 * @param options.onReadFailed called with each item after a failed read
 */
export function createTableReads<T extends { readonly executionArn: string }>(options: {
  read: Operation<[executionArns: readonly string[]], ReadonlyMap<string, Execution>> | undefined;
  clock: Clock;
  onRead(item: T, execution: Execution | undefined, askedAt: number): void;
  onReadFailed(item: T): void;
}): TableReads<T> {
  const { read, clock, onRead, onReadFailed } = options;
  const waiting = new Set<T>();
  let isReading = false;
  let availableAt = read === undefined ? Number.POSITIVE_INFINITY : 0;

  async function readAll(): Promise<void> {
    isReading = true;
    // Wait for items that are added in the same turn of the event loop.
    await Promise.resolve();
    while (waiting.size > 0) await readSome();
    isReading = false;
  }

  async function readSome(): Promise<void> {
    const items = [...waiting.values().take(READ_MAX)];
    for (const item of items) waiting.delete(item);
    const askedAt = clock.now();
    const arns = items.map(({ executionArn }) => executionArn);
    const found = await read?.call(arns).catch(() => undefined);
    if (found !== undefined) {
      for (const item of items) onRead(item, found.get(item.executionArn), askedAt);
      return;
    }
    availableAt = clock.now() + PAUSE_MILLISECONDS;
    items.push(...waiting);
    waiting.clear();
    for (const item of items) onReadFailed(item);
  }

  return {
    isAvailable: () => clock.now() >= availableAt,
    add(item) {
      waiting.add(item);
      if (!isReading) void readAll();
    },
    delete: (item) => waiting.delete(item),
  };
}
