import { rankOf } from '../../status-table/rank.ts';
import type { StateMachineArn } from '../../step-functions/arns.ts';
import type {
  ExecutionList,
  ExecutionReader,
  ListedExecution,
} from '../../step-functions/execution-reader.ts';

/**
 * The most pages that a run has read after each list, which are read in this order. The quota of
 * ListExecutions is 100 calls at once and 2 per second. Some are left to operators.
 */
const maximumPages = { all: 20, redriven: 30, running: 80 } satisfies Record<ExecutionList, number>;

/** The executions that Step Functions lists. */
export interface Listing {
  /** Keyed by ARN. If an execution changed while the lists were read, its later state. */
  readonly executions: ReadonlyMap<string, ListedExecution>;
  /** All running executions that started after this time are listed; epoch milliseconds. */
  readonly runningAfter: number;
  /** Whether it has every recent execution, together with the runs that it continues. */
  readonly isComplete: boolean;
  /** Where the next run can continue to list all executions. */
  readonly nextToken: string | undefined;
  /** The error that stopped the reading early, if any. */
  readonly failure: unknown;
}

/**
 * Lists the running executions, and all that were started or redriven recently. Step Functions sorts
 * by start date, newest first, so the pages read so far are complete back to their last start date.
 * If there are more recent executions than a run can list, the next run continues.
 *
 * @param options.recentAfter epoch milliseconds
 * @param options.nextToken where an earlier run stopped to list all executions
 * @param options.mayContinue returns whether there is time for another page
 */
export async function listExecutions(
  executionReader: Pick<ExecutionReader, 'list'>,
  stateMachine: StateMachineArn,
  options: { recentAfter: number; nextToken?: string | undefined; mayContinue(): boolean },
): Promise<Listing> {
  const executions = new Map<string, ListedExecution>();
  let pages = 0;
  let failure: unknown;

  /** Returns the start date after which all executions of the list have been read. */
  async function read(which: ExecutionList, after: number, start?: string) {
    let reached = Number.POSITIVE_INFINITY;
    let nextToken: string | undefined;
    try {
      while (reached >= after && pages < maximumPages[which] && options.mayContinue()) {
        pages += 1;
        const page = await executionReader.list(stateMachine, which, nextToken ?? start);
        for (const execution of page.executions) {
          reached = execution.startDate.getTime();
          const known = executions.get(execution.executionArn);
          const isNew = !known || rankOf(known) < rankOf(execution);
          const isRecent = which === 'running' || lastStartedAt(execution) >= options.recentAfter;
          if (isRecent && isNew) executions.set(execution.executionArn, execution);
        }
        nextToken = page.nextToken;
        if (nextToken === undefined) return { reached: Number.NEGATIVE_INFINITY, nextToken };
      }
    } catch (error) {
      failure ??= error;
    }
    return { reached, nextToken };
  }

  const all = await read('all', options.recentAfter, options.nextToken);
  // An old execution may have been redriven recently and have ended again.
  await read('redriven', Number.NEGATIVE_INFINITY);
  const isInTime = options.mayContinue();
  const isComplete = isInTime && failure === undefined && all.reached < options.recentAfter;
  const { reached: runningAfter } = await read('running', Number.NEGATIVE_INFINITY);
  return { executions, runningAfter, isComplete, nextToken: all.nextToken, failure };
}

/** When the execution was started or last redriven, in epoch milliseconds. */
export function lastStartedAt({ startDate, redriveDate }: ListedExecution): number {
  return (redriveDate ?? startDate).getTime();
}
