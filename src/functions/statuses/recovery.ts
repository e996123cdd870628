import { type Clock, sleep } from '../../clock.ts';
import { StatusTableError } from '../../status-table/errors.ts';
import { StepFunctionsError } from '../../step-functions/errors.ts';
import type { FunctionClients } from './function-clients.ts';
import { describeForTable } from './observation.ts';

/** The quota of DescribeExecution is 10 per second in most Regions. The service needs the rest. */
export const describesPerSecond = 3;

/**
 * - `recovered`: the table had an earlier state
 * - `known`: the table had the state already
 * - `forgotten`: Step Functions no longer has the execution, so its item was deleted
 */
type Outcome = 'recovered' | 'known' | 'forgotten';

/** The number of executions by outcome. */
export interface Recovery extends Readonly<Record<Outcome, number>> {
  /** Executions left for the next run. */
  readonly left: number;
  /** The first failure, if there was one. */
  readonly failure: unknown;
}

/**
 * Describes executions whose events were lost, a few per second, and records them. Continues after
 * a failure, unless all other calls would fail the same way.
 *
 * @param until when to start no further call, in epoch milliseconds
 */
export async function recoverEvents(
  executionArns: readonly string[],
  { executionReader, recorder }: Pick<FunctionClients, 'executionReader' | 'recorder'>,
  { clock, until }: { clock: Pick<Clock, 'epoch' | 'schedule'>; until: number },
): Promise<Recovery> {
  const count = { recovered: 0, known: 0, forgotten: 0 };
  let failure: unknown;

  async function outcomeOf(executionArn: string): Promise<Outcome> {
    try {
      const observation = await describeForTable(executionReader, executionArn);
      return (await recorder.record(observation)) ? 'recovered' : 'known';
    } catch (error) {
      const isGone = error instanceof StepFunctionsError && error.failure === 'not-found';
      if (!isGone) throw error;
      await recorder.forget(executionArn);
      return 'forgotten';
    }
  }

  for (const executionArn of executionArns) {
    if (clock.epoch() >= until) break;
    try {
      count[await outcomeOf(executionArn)] += 1;
    } catch (error) {
      failure ??= error;
      if (wouldFailAll(error)) break;
    }
    await sleep(clock, 1000 / describesPerSecond);
  }
  const done = count.recovered + count.known + count.forgotten;
  return { ...count, left: executionArns.length - done, failure };
}

function wouldFailAll(error: unknown): boolean {
  return (
    (error instanceof StepFunctionsError || error instanceof StatusTableError) &&
    (error.failure === 'throttled' || error.failure === 'misconfigured')
  );
}
