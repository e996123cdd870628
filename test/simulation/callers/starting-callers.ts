import {
  idempotentExecutionName,
  uniqueExecutionName,
} from '../../../src/step-functions/execution-names.ts';
import { KeyReused } from '../../../src/step-functions/idempotency-errors.ts';
import { executionArnOf } from '../../support/step-functions-stub/executions.ts';
import type { Play } from '../play.ts';
import { unlessCrashed } from '../process.ts';

const caller = 'backend';

/**
 * Starts an execution through the service, repeating the request with the same key, or directly at
 * Step Functions. Resolves as soon as it has started.
 */
export async function start(play: Play, key: string): Promise<string> {
  const { choices, clock, executions } = play.world;
  const input = JSON.stringify({ key });
  if (choices.chance(0.4)) return executions.start(uniqueExecutionName(key, key), input);
  const executionArn = executionArnOf(idempotentExecutionName(key, caller));
  play.run(`start of ${key}`, () => repeatStart(play, key, input));
  while (!executions.last(executionArn)) await clock.sleep(50);
  return executionArn;
}

async function repeatStart(play: Play, key: string, input: string): Promise<void> {
  const { choices, clock } = play.world;
  let again = choices.chance(0.3) ? choices.whole(1, 3) : 0;
  for (;;) {
    const isStarted = await requestStart(play, key, input);
    if (isStarted && again === 0) return;
    if (isStarted) again -= 1;
    await clock.sleep(isStarted ? choices.whole(0, 60_000) : choices.whole(100, 3000));
    if (isStarted && choices.chance(0.2)) await requestStart(play, key, '{"other":"request"}');
  }
}

/** Sends one request. Returns whether the response said that the execution was started. */
async function requestStart(play: Play, key: string, input: string): Promise<boolean> {
  const { world, invariants } = play;
  const process = await world.someProcess();
  const name = idempotentExecutionName(key, caller);
  const executionArn = executionArnOf(name);
  const since = world.clock.now();
  const end = invariants.requests.begin(process, executionArn);
  const isOther = world.executions.inputs.get(executionArn) !== input;
  try {
    const started = process.executions.start({ name, input, isUnique: false, caller }).finally(end);
    const response = await unlessCrashed(process, started);
    invariants.starts.checkResponse(process, executionArn, input, response.executionArn);
    return true;
  } catch (error) {
    if (process.crashed.aborted) end();
    else if (!(error instanceof KeyReused && isOther)) {
      invariants.starts.checkError(process, executionArn, since, error);
    }
    return false;
  }
}
