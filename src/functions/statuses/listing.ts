import { rankOf } from '../../status-table/rank.ts';
import type { StateMachineArn } from '../../step-functions/arns.ts';
import type { Execution } from '../../step-functions/execution.ts';
import type { ExecutionRecords } from '../../step-functions/execution-records.ts';

/** ListExecutions takes 100 calls at once and 2 a second; some are left to operators. */
const mostPages = 80;

/** What Step Functions lists. */
export interface Listing {
  /** By ARN; of an execution that changed meanwhile, the later state. */
  readonly executions: ReadonlyMap<string, Execution>;
  /** Every execution that runs and was started after this is listed; epoch milliseconds. */
  readonly runningAfter: number;
  /** What cut the reading short, if something did. */
  readonly failure: unknown;
}

/**
 * Lists the executions that run, and all that started recently. Both lists are sorted by start
 * date, newest first, so that what was read of one is all since its last start date.
 *
 * @param options.recentAfter epoch milliseconds
 * @param options.mayContinue whether there is time for another page
 */
export async function listExecutions(
  records: Pick<ExecutionRecords, 'list'>,
  stateMachine: StateMachineArn,
  options: { recentAfter: number; mayContinue(): boolean },
): Promise<Listing> {
  const executions = new Map<string, Execution>();
  let pages = 0;
  let failure: unknown;

  /** Returns the start date after which all have been read. */
  async function read(which: 'running' | 'all', after: number): Promise<number> {
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
          if (reached > after && isNew) executions.set(execution.executionArn, execution);
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
  return { executions, runningAfter, failure };
}
