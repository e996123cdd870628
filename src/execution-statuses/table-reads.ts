import type { Clock } from '../clock.ts';
import type { Execution } from '../step-functions/execution.ts';
import type { Operation } from './operation.ts';

/** Ten calls of BatchGetItem, which take some ten milliseconds each. */
const READ_MAX = 1000;
/** How long the table is left alone after a read of it has failed. */
const PAUSE_MILLISECONDS = 1000;

/** Reads executions from the status table. What is added during a read makes up the next. */
export interface TableReads<T> {
  /** False without a table, and for a moment after a failure: DescribeExecution takes over. */
  isAvailable(): boolean;
  add(item: T): void;
  delete(item: T): void;
}

/**
 * @param options.read that of the status table, where there is one
 * @param options.onRead called with each item, and when the table was asked for it
 * @param options.onUnread called with each where the read failed
 */
export function createTableReads<T extends { readonly executionArn: string }>(options: {
  read: Operation<[executionArns: readonly string[]], ReadonlyMap<string, Execution>> | undefined;
  clock: Clock;
  onRead(item: T, execution: Execution | undefined, askedAt: number): void;
  onUnread(item: T): void;
}): TableReads<T> {
  const { read, clock, onRead, onUnread } = options;
  const waiting = new Set<T>();
  let isReading = false;
  let availableAt = read === undefined ? Number.POSITIVE_INFINITY : 0;

  async function readAll(): Promise<void> {
    isReading = true;
    // What is added in the same turn of the event loop goes together.
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
    for (const item of items) onUnread(item);
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
