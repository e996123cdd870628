import { BudgetExhausted } from '../../../src/call-budget/errors.ts';
import type { Status } from '../../../src/execution-statuses/status.ts';
import { rankOf } from '../../../src/status-table/rank.ts';
import { type Execution, isRunning } from '../../../src/step-functions/execution.ts';
import type { Play } from '../play.ts';
import { unlessCrashed } from '../process.ts';

/** Sends one request to any process. Returns the status, if the response has one. */
async function request(
  { world, invariants, counts }: Play,
  executionArn: string,
  caller: string,
  leaving: AbortSignal,
): Promise<Partial<Status>> {
  const { choices, clock, someProcess } = world;
  const process = await someProcess();
  const { statuses } = process.executions;
  const end = invariants.requests.begin(process, executionArn);
  const response = async () => {
    if (choices.chance(0.4)) return statuses.get(executionArn, leaving, caller);
    held = invariants.heldCallers.add(process, executionArn);
    return statuses.wait(executionArn, 1000 * choices.whole(0, 60), leaving, caller);
  };
  let held: ReturnType<typeof invariants.heldCallers.add> | undefined;
  let isOver = false;
  const checkLeft = () =>
    clock.schedule(100, () => {
      if (!isOver) invariants.fail(`${process.name} still holds a caller that disconnected`);
    });
  leaving.addEventListener('abort', checkLeft);
  try {
    const status = await unlessCrashed(process, response());
    counts.statuses += 1;
    invariants.statuses.checkStatus(process, status);
    return status;
  } catch (error) {
    counts.errors += 1;
    if (!leaving.aborted && !process.crashed.aborted) {
      invariants.statuses.checkError(process, executionArn, error);
    }
    return { retryAfterSeconds: error instanceof BudgetExhausted ? error.retryAfterSeconds : 1 };
  } finally {
    end();
    isOver = true;
    if (held) held.isOver = true;
    leaving.removeEventListener('abort', checkLeft);
  }
}

/** Polls or waits until the end, or disconnects before. */
export async function follow(play: Play, executionArn: string, caller: string): Promise<void> {
  const { choices, clock } = play.world;
  const leaving = new AbortController();
  if (choices.chance(0.15)) {
    clock.schedule(choices.whole(0, 40_000), () => leaving.abort(new Error('left')));
  }
  // An operator continues through redrives, others stop at the first end.
  const isOperator = choices.chance(0.3);
  while (!leaving.signal.aborted) {
    const response = await request(play, executionArn, caller, leaving.signal);
    const { execution, retryAfterSeconds = 1 } = response;
    if (execution && (isOperator ? isLast(play, execution) : !isRunning(execution))) return;
    // Some return later, to a process that may have been idle meanwhile.
    const longer = choices.chance(0.2) ? choices.whole(5000, 60_000) : 0;
    await clock.sleep(retryAfterSeconds * 1000 + longer);
  }
}

function isLast({ world, settled }: Play, execution: Execution): boolean {
  const last = world.executions.last(execution.executionArn);
  return (
    settled.has(execution.executionArn) && last !== undefined && rankOf(execution) === rankOf(last)
  );
}
