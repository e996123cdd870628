import { rankOf } from '../../status-table/rank.ts';
import type { StateMachineArn } from '../../step-functions/arns.ts';
import type {
  ExecutionList,
  ExecutionRecords,
  ListedExecution,
} from '../../step-functions/execution-records.ts';

/** ListExecutions takes 100 calls at once and 2 a second; some are left to operators. */
const mostPages = 80;

/** What Step Functions lists. */
export interface Listing {
  /** By ARN; of an execution that changed meanwhile, the later state. */
  readonly executions: ReadonlyMap<string, ListedExecution>;
  /** Every execution that runs and was started after this is listed; epoch milliseconds. */
  readonly runningAfter: number;
  /** What cut the reading short, if something did. */
  readonly failure: unknown;
}

/**
 * Lists the executions that run, and all that were started or redriven recently. Lists are sorted
 * by start date, newest first, so that what was read of one is all since its last start date.
 *
 * @param options.recentAfter epoch milliseconds
 * @param options.mayContinue whether there is time for another page
 */
export async function listExecutions(
  records: Pick<ExecutionRecords, 'list'>,
  stateMachine: StateMachineArn,
  options: { recentAfter: number; mayContinue(): boolean },
): Promise<Listing> {
  const executions = new Map<string, ListedExecution>();
  let pages = 0;
  let failure: unknown;

  /** Returns the start date after which all have been read. */
  async function read(which: ExecutionList, after: number): Promise<number> {
    let reached = Number.POSITIVE_INFINITY;
    let nextToken: string | undefined;
    try {
      while (reached > after && pages < mostPages && options.mayContinue()) {
        pages += 1;
        const page = await records.list(stateMachine, which, nextToken);
        for (const execution of page.executions) {
          reached = execution.startDate.getTime();
          const known = executions.get(execution.executionArn);
          const isNew = !known || rankOf(known) < rankOf(execution);
          const isRecent = which === 'running' || begunAt(execution) > options.recentAfter;
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
  // An old execution may have been redriven a minute ago, and ended again.
  await read('redriven', Number.NEGATIVE_INFINITY);
  return { executions, runningAfter, failure };
}

/** When an execution was started, or redriven last; epoch milliseconds. */
export function begunAt({ startDate, redriveDate }: ListedExecution): number {
  return (redriveDate ?? startDate).getTime();
}
