import { BudgetExhausted } from '../../../src/call-budget/errors.ts';
import { StepFunctionsError } from '../../../src/step-functions/errors.ts';
import type { Process } from '../process.ts';
import type { World } from '../world.ts';
import { isDocumented } from './documented.ts';
import type { Facts } from './facts.ts';

/** A key has one execution, with the input of the first request. */
export function watchStarts(world: World, { fail }: Facts) {
  const { clock, weather, executions } = world;

  function isAllowed(since: number, error: unknown): boolean {
    const now = clock.now();
    // For a while after an outage, the SDK retries fewer calls.
    const isOut = weather.stepFunctionsOutages.touches(0, now);
    const isShared =
      weather.isQuotaShared || weather.hasInventedArns || weather.crowd > 0 || !weather.hasTable;
    if (error instanceof BudgetExhausted) {
      return isOut || isShared || weather.tableOutages.touches(since - 30_000, now);
    }
    if (!(error instanceof StepFunctionsError)) return false;
    // DescribeExecution is eventually consistent: it may not know a name that is taken.
    if (error.failure === 'unavailable') return isOut || isNew(since);
    return error.failure === 'throttled' && (weather.isQuotaShared || isOut);
  }

  const isNew = (since: number) =>
    executions.states.values().some(([first]) => first && first.at > since - 1000);

  return {
    checkResponse(process: Process, executionArn: string, input: string, started: string): void {
      const text = `${process.name} reports the start of ${started}`;
      if (started !== executionArn || !executions.last(started)) {
        fail(`${text}, not of ${executionArn}`);
      }
      if (executions.inputs.get(started) !== input) fail(`${text}, which has another input`);
    },

    checkError(process: Process, executionArn: string, since: number, error: unknown): void {
      const text = `${process.name} does not start ${executionArn}: ${error}`;
      if (!isDocumented.start(error)) fail(`${text}, which is not documented`);
      else if (!isAllowed(since, error)) fail(`${text}, since ${Math.round(since)} ms`);
    },
  };
}
