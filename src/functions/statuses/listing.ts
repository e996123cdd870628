import { rankOf } from '../../status-table/rank.ts';
import type { StateMachineArn } from '../../step-functions/arns.ts';
import type {
  ExecutionList,
  ExecutionRecords,
  ListedExecution,
} from '../../step-functions/execution-records.ts';

/** The quota of ListExecutions is 100 calls at once and 2 per second. Some are left to operators. */
const maximumPages = 80;

/** The executions that Step Functions lists. */
export interface Listing {
  /** Keyed by ARN. If an execution changed while the lists were read, its later state. */
  readonly executions: ReadonlyMap<string, ListedExecution>;
  /** All running executions that started after this time are listed; epoch milliseconds. */
  readonly runningAfter: number;
  /** The error that stopped the reading early, if any. */
  readonly failure: unknown;
}

/**
 * Lists the running executions, and all that were started or redriven recently. Step Functions sorts
 * by start date, newest first, so the pages read so far are complete back to their last start date.
 *
 * @param options.recentAfter epoch milliseconds
 * @param options.mayContinue returns whether there is time for another page
 */
export async function listExecutions(
  records: Pick<ExecutionRecords, 'list'>,
  stateMachine: StateMachineArn,
  options: { recentAfter: number; mayContinue(): boolean },
): Promise<Listing> {
  const executions = new Map<string, ListedExecution>();
  let pages = 0;
  let failure: unknown;

  /** Returns the start date after which all executions of the list have been read. */
  async function read(which: ExecutionList, after: number): Promise<number> {
    let reached = Number.POSITIVE_INFINITY;
    let nextToken: string | undefined;
    try {
      while (reached > after && pages < maximumPages && options.mayContinue()) {
        pages += 1;
        const page = await records.list(stateMachine, which, nextToken);
        for (const execution of page.executions) {
          reached = execution.startDate.getTime();
          const known = executions.get(execution.executionArn);
          const isNew = !known || rankOf(known) < rankOf(execution);
          const isRecent = which === 'running' || lastStartedAt(execution) > options.recentAfter;
          if (isRecent && isNew) executions.set(execution.executionArn, execution);
        }
        nextToken = page.nextToken;
        if (nextToken === undefined) return Number.NEGATIVE_INFINITY;
      }
    } catch (error) {
      failure ??= error;
    }
    return reached;
  }

  await read('all', options.recentAfter);
  const runningAfter = await read('running', Number.NEGATIVE_INFINITY);
  // An old execution may have been redriven recently and have ended again.
  await read('redriven', Number.NEGATIVE_INFINITY);
  return { executions, runningAfter, failure };
}

/** When the execution was started or last redriven, in epoch milliseconds. */
export function lastStartedAt({ startDate, redriveDate }: ListedExecution): number {
  return (redriveDate ?? startDate).getTime();
}
