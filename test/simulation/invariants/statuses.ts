import { BudgetExhausted } from '../../../src/call-budget/errors.ts';
import type { Status } from '../../../src/execution-statuses/status.ts';
import { rankOf } from '../../../src/status-table/rank.ts';
import { StepFunctionsError } from '../../../src/step-functions/errors.ts';
import { isRunning } from '../../../src/step-functions/execution.ts';
import type { Process } from '../process.ts';
import { descriptionLag, slowDescription } from '../step-functions.ts';
import type { World } from '../world.ts';
import { isDocumented } from './documented.ts';
import type { Facts } from './facts.ts';

/** The interval of the feed, the time of its calls, a second read of a lagging item, and a margin. */
export const reportedWithin = 2500;
/** How long after an outage its errors may still appear. */
const outageShows = 65_000;
/** How long after a write a caller in the queue for a description gets it, in milliseconds. */
const requeuedWithin = 6000;
/** How long an end that can be redriven is believed, and a read. */
const unsuccessfulFor = 125_000;

/** A status is true, no older than its Age, and never earlier than one given before. */
export function watchStatuses(world: World, { fail, isTrue, writtenAt, changedAt }: Facts) {
  const { clock, weather } = world;
  const { tableOutages, stepFunctionsOutages } = weather;
  const lag = weather.indexLag + weather.readLag + 2 * weather.skew;
  /** The highest rank that each process has given, by its name and the ARN. */
  const given = new Map<string, number>();

  return {
    checkStatus(process: Process, { execution, ageSeconds }: Status): void {
      const { executionArn } = execution;
      const rank = rankOf(execution);
      const key = `${process.name} ${executionArn}`;
      const text = `${process.name} gives ${execution.status} (${rank}) of ${executionArn}`;
      if (!isTrue(execution)) fail(`${text}, which was never true`);
      const before = given.get(key) ?? 0;
      if (rank < before) fail(`${text}, after ${before}`);
      given.set(key, Math.max(before, rank));
      if (execution.status === 'SUCCEEDED') return;
      // The table or DescribeExecution had the next state long before this one was confirmed.
      const known = Math.max(writtenAt(executionArn, rank + 1), changedAt(executionArn, rank + 1));
      const isOver = !isRunning(execution);
      const confirmedAt = clock.now() - (ageSeconds + 1) * 1000 - (isOver ? unsuccessfulFor : 0);
      if (known + reportedWithin + lag + descriptionLag < confirmedAt) {
        fail(
          `${text} with Age ${ageSeconds}, but a later state was known since ${Math.round(known)} ms`,
        );
      }
    },

    /** The contract allows errors if the execution is not found, or no status could be known. */
    checkError(process: Process, executionArn: string, error: unknown): void {
      const text = `${process.name} fails for ${executionArn}: ${error}`;
      if (!isDocumented.status(error)) fail(`${text}, which is not documented`);
      const now = clock.now();
      // The service reuses "not found" for a second.
      const slow = weather.slowDescriptions > 0 ? slowDescription : 0;
      const exists = changedAt(executionArn, 0) < now - descriptionLag - 1200 - slow;
      const isOut = stepFunctionsOutages.touches(now - outageShows, now);
      if (error instanceof BudgetExhausted) {
        // A crowd uses up the budget. What the table has been given is read from there.
        const isUnwritten =
          weather.crowd > 0 && writtenAt(executionArn, 0) > now - requeuedWithin - slow;
        const isOverloaded = !weather.hasTable || tableOutages.touches(now - 30_000, now);
        if (isOverloaded || !exists || isUnwritten || weather.hasInventedArns || isOut) return;
      }
      if (error instanceof StepFunctionsError) {
        if (error.failure === 'not-found' && !exists) return;
        if (error.failure === 'unavailable' && isOut) return;
      }
      fail(text);
    },
  };
}
