import type { Clock } from '../clock.ts';
import type { StatusTable } from '../status-table/status-table.ts';
import type { Execution } from '../step-functions/execution.ts';
import type { Calls } from './calls.ts';

/** Ten calls of BatchGetItem, which take about 10 ms each. */
const batchMax = 1000;
/** How long the table is not read after a failed read. */
const pauseMilliseconds = 1000;

/** The result of a batch of reads. */
interface Batch {
  readonly executions: ReadonlyMap<string, Execution>;
  /** When it was sent, as `Clock.now`. */
  readonly sentAt: number;
}

/** Reads executions from the status table in batches. Reads during a batch form the next one. */
export interface TableReads {
  readonly hasTable: boolean;
  /** False without a table, and for a second after a failed read: DescribeExecution takes over. */
  isAvailable(): boolean;
  /** Returns the batch with the execution, if the table has it; `undefined` if the read failed. */
  read(executionArn: string): Promise<Batch | undefined>;
}

export function createTableReads(
  table: StatusTable | undefined,
  calls: Calls,
  clock: Clock,
): TableReads {
  let availableAt = table === undefined ? Number.POSITIVE_INFINITY : 0;
  /** The ARNs of the batch that waits for the previous one. */
  let next: string[] = [];
  let last: Promise<Batch | undefined> = Promise.resolve(undefined);
  const isAvailable = () => clock.now() >= availableAt;

  async function send(executionArns: string[]): Promise<Batch | undefined> {
    if (next === executionArns) next = [];
    const sentAt = clock.now();
    if (table === undefined || !isAvailable()) return undefined;
    try {
      const executions = await calls.make('BatchGetItem', (signal) =>
        table.read(executionArns, signal),
      );
      return { executions, sentAt };
    } catch {
      availableAt = clock.now() + pauseMilliseconds;
      return undefined;
    }
  }

  return {
    hasTable: table !== undefined,
    isAvailable,
    read(executionArn) {
      if (next.length === 0 || next.length === batchMax) {
        const batch: string[] = [];
        next = batch;
        last = last.then(() => send(batch));
      }
      next.push(executionArn);
      return last;
    },
  };
}
