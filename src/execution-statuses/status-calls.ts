import type { Execution } from '../step-functions/execution.ts';

/** A page of ListExecutions. */
export interface RunningPage {
  readonly executions: readonly { readonly executionArn: string; readonly startDate: Date }[];
  readonly nextToken?: string | undefined;
}

export type StatusOperation = 'DescribeExecution' | 'ListExecutions';

/** The two calls that tell statuses. Each makes one attempt: repeating is for the budget to allow. */
export interface StatusCalls {
  /** @throws {StepFunctionsError} */
  describe(executionArn: string, signal: AbortSignal): Promise<Execution>;
  /**
   * One page, of 1,000 executions at most, of those of the Standard state machine that have
   * status RUNNING, newest first (as ListExecutions sorts them).
   *
   * @throws {StepFunctionsError}
   */
  listRunning(nextToken: string | undefined, signal: AbortSignal): Promise<RunningPage>;
}

/** The same calls, for callers that never give one up; `cancel` ends all that are under way. */
export interface CancellableCalls {
  describe(executionArn: string): Promise<Execution>;
  listRunning(nextToken: string | undefined): Promise<RunningPage>;
  cancel(): void;
}

export function cancellable(calls: StatusCalls): CancellableCalls {
  // A controller for each call: listeners would pile up on a signal that lives as long as we do.
  const underWay = new Set<AbortController>();

  async function track<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    underWay.add(controller);
    try {
      return await call(controller.signal);
    } finally {
      underWay.delete(controller);
    }
  }

  return {
    describe: (executionArn) => track((signal) => calls.describe(executionArn, signal)),
    listRunning: (nextToken) => track((signal) => calls.listRunning(nextToken, signal)),
    cancel() {
      for (const controller of underWay) controller.abort();
    },
  };
}
