import { StatusTableError } from '../../status-table/errors.ts';
import { StepFunctionsError } from '../../step-functions/errors.ts';
import type { Execution } from '../../step-functions/execution.ts';
import type { Clock } from './clock.ts';
import type { Connections } from './connections.ts';
import { describeForTable } from './observation.ts';

/** DescribeExecution takes 10 a second in most Regions, and the service needs the others. */
export const describesPerSecond = 3;

/** What came of each execution. */
type Outcome = 'madeUpFor' | 'known' | 'forgotten';

export interface MadeUp extends Readonly<Record<Outcome, number>> {
  /** Executions that the next run has to describe. */
  readonly left: number;
  /** The first failure, if there was one. */
  readonly failure: unknown;
}

/**
 * Describes executions whose events were lost, a few a second, and records them. One that fails
 * keeps no other from its turn, unless the failure is one of all.
 *
 * @param stored what the table has of them
 * @param until when to begin no further one, in epoch milliseconds
 */
export async function makeUpFor(
  executionArns: readonly string[],
  stored: ReadonlyMap<string, Execution>,
  { records, recorder }: Pick<Connections, 'records' | 'recorder'>,
  { clock, until }: { clock: Clock; until: number },
): Promise<MadeUp> {
  const count = { madeUpFor: 0, known: 0, forgotten: 0 };
  let failure: unknown;

  async function outcomeOf(executionArn: string): Promise<Outcome> {
    const last = stored.get(executionArn);
    try {
      const observation = await describeForTable(records, executionArn);
      return (await recorder.record(observation)) ? 'madeUpFor' : 'known';
    } catch (error) {
      const isGone = error instanceof StepFunctionsError && error.failure === 'not-found';
      if (!isGone || !last) throw error;
      await recorder.forget(last);
      return 'forgotten';
    }
  }

  for (const executionArn of executionArns) {
    if (clock.now() >= until) break;
    try {
      count[await outcomeOf(executionArn)] += 1;
    } catch (error) {
      failure ??= error;
      if (wouldFailAll(error)) break;
    }
    await clock.sleep(1000 / describesPerSecond);
  }
  const done = count.madeUpFor + count.known + count.forgotten;
  return { ...count, left: executionArns.length - done, failure };
}

function wouldFailAll(error: unknown): boolean {
  return (
    (error instanceof StepFunctionsError || error instanceof StatusTableError) &&
    (error.failure === 'throttled' || error.failure === 'misconfigured')
  );
}
