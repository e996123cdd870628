import { BudgetExhausted } from '../../../src/call-budget/errors.ts';
import { StillRunning } from '../../../src/step-functions/cancel-execution.ts';
import { StepFunctionsError } from '../../../src/step-functions/errors.ts';
import { type Execution, isRunning } from '../../../src/step-functions/execution.ts';
import type { Process } from '../process.ts';
import { descriptionLag } from '../step-functions.ts';
import type { World } from '../world.ts';
import { isDocumented } from './documented.ts';
import type { Facts } from './facts.ts';

/** Four waits for a token of the describe budget, and a margin, in milliseconds. */
const longestCancel = 60_000;

/** The response to a cancellation has the true end of the execution. */
export function watchCancels(world: World, { fail, isTrue, changedAt }: Facts) {
  const { clock, weather, executions } = world;

  function isRedrivenSince(executionArn: string, time: number): boolean {
    const states = executions.states.get(executionArn) ?? [];
    return states.some(({ at, execution }) => at >= time && isRunning(execution));
  }

  function isAllowed(executionArn: string, since: number, error: unknown): boolean {
    const now = clock.now();
    // For a while after an outage, the SDK retries fewer calls.
    const isOut = weather.stepFunctionsOutages.touches(0, now);
    const isShared =
      weather.isQuotaShared || weather.hasInventedArns || weather.crowd > 0 || !weather.hasTable;
    const isOverloaded = isShared || weather.tableOutages.touches(since - 30_000, now) || isOut;
    if (error instanceof BudgetExhausted) return isOverloaded;
    if (error instanceof StillRunning) return isRedrivenSince(executionArn, since - descriptionLag);
    if (!(error instanceof StepFunctionsError)) return false;
    const { failure } = error;
    if (failure === 'not-found') return changedAt(executionArn, 0) > since - descriptionLag;
    if (failure === 'throttled') return weather.isQuotaShared || isOut;
    return failure === 'unavailable' && isOut;
  }

  return {
    checkResponse(process: Process, since: number, execution: Execution): void {
      const text = `${process.name} cancels ${execution.executionArn}: ${execution.status}, ${execution.error}`;
      if (isRunning(execution)) fail(`${text}, which is not an end`);
      // DescribeExecution is eventually consistent, so the state may be slightly old.
      if (!isTrue(execution, since - descriptionLag)) fail(`${text}, which is not true`);
      if (clock.now() - since > longestCancel)
        fail(`${text}, only after ${clock.now() - since} ms`);
    },

    checkError(process: Process, executionArn: string, since: number, error: unknown): void {
      const text = `${process.name} does not cancel ${executionArn}: ${error}`;
      if (!isDocumented.cancel(error)) fail(`${text}, which is not documented`);
      else if (!isAllowed(executionArn, since, error))
        fail(`${text}, since ${Math.round(since)} ms`);
    },
  };
}
