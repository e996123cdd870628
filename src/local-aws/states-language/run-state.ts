import {
  append,
  type Branch,
  evaluate,
  type Payload,
  payloadOf,
  type RunWorkflow,
  stateError,
} from './branch.ts';
import { errorOutput, matchesError } from './errors.ts';
import { StatesError } from './execution.ts';
import { runMap } from './run-map.ts';
import { runParallel } from './run-parallel.ts';
import { runTask } from './run-task.ts';
import type {
  ChoiceState,
  Exit,
  FailState,
  JsonObject,
  RecoverableState,
  Retrier,
  State,
  WaitState,
} from './states.ts';
import { assignVariables, variableTexts } from './variables.ts';

/** What comes after a state; without `next`, its workflow ends. */
export interface Departure {
  readonly output: Payload;
  readonly next: string | undefined;
}

/**
 * Runs the state that the branch has entered.
 *
 * @throws {StatesError} an error that no Retrier or Catcher took care of
 */
export async function runState(
  branch: Branch,
  state: State,
  input: Payload,
  runWorkflow: RunWorkflow,
): Promise<Departure> {
  switch (state.type) {
    case 'Pass':
    case 'Succeed':
      return depart(branch, state, input, state);
    case 'Wait':
      await wait(branch, state, input);
      return depart(branch, state, input, state);
    case 'Choice':
      return depart(branch, state, input, await choose(branch, state, input));
    case 'Fail':
      return fail(branch, state, input);
    case 'Task':
      return recovering(branch, state, input, () => runTask(branch, state, input));
    case 'Parallel':
      return recovering(branch, state, input, () => {
        return runParallel(branch, state, input, runWorkflow);
      });
    case 'Map':
      return recovering(branch, state, input, () => runMap(branch, state, input, runWorkflow));
  }
}

/**
 * Leaves the state. `Assign` and `Output` both see the variables as they were on entry.
 *
 * @param passed the output where there is no `Output`
 */
async function depart(
  branch: Branch,
  state: Exclude<State, FailState>,
  input: Payload,
  exit: Exit,
  passed = input,
  members?: JsonObject,
): Promise<Departure> {
  const assigned = exit.assign && (await evaluate(branch, exit.assign, input.value, members));
  const output = exit.output
    ? payloadOf(await evaluate(branch, exit.output, input.value, members), state.name)
    : passed;
  const texts = assigned && variableTexts(branch, assigned);
  append(branch, {
    type: `${state.type}StateExited`,
    stateExitedEventDetails: {
      name: state.name,
      output: output.text,
      outputDetails: { truncated: false },
      ...(texts?.length && {
        assignedVariables: Object.fromEntries(texts),
        assignedVariablesDetails: { truncated: false },
      }),
    },
  });
  if (assigned && texts) assignVariables(branch, assigned, texts);
  return { output, next: exit.next };
}

async function wait(branch: Branch, state: WaitState, input: Payload): Promise<void> {
  const { clock } = branch.run;
  let milliseconds = 0;
  if (state.seconds) {
    milliseconds = (await evaluate(branch, state.seconds, input.value)) * 1000;
  } else if (state.timestamp) {
    const until = await evaluate(branch, state.timestamp, input.value);
    milliseconds = Date.parse(until) - clock.now();
  }
  if (milliseconds > 0) await clock.sleep(milliseconds, branch.signal);
}

async function choose(branch: Branch, state: ChoiceState, input: Payload): Promise<Exit> {
  for (const rule of state.choices) {
    if (await evaluate(branch, rule.condition, input.value)) return rule;
  }
  if (state.next !== undefined) return state;
  throw stateError(
    branch,
    'States.NoChoiceMatched',
    'No Choice Rule matched, and the state has no Default.',
  );
}

async function fail(branch: Branch, state: FailState, input: Payload): Promise<never> {
  const error = state.error && (await evaluate(branch, state.error, input.value));
  const cause = state.cause && (await evaluate(branch, state.cause, input.value));
  throw new StatesError(error ?? '', cause ?? '');
}

/** Does a state's work until it succeeds, or an error is left to a Catcher or to nobody. */
async function recovering(
  branch: Branch,
  state: RecoverableState,
  input: Payload,
  work: () => Promise<Payload>,
): Promise<Departure> {
  const retries = new Map<Retrier, number>();
  for (;;) {
    try {
      const result = await work();
      return await depart(branch, state, input, state, result, { result: result.value });
    } catch (error) {
      if (!(error instanceof StatesError)) throw error;
      const retrier = state.retry.find(({ errorEquals }) => {
        return matchesError(errorEquals, error, state.type);
      });
      const retried = (retrier && retries.get(retrier)) ?? 0;
      if (retrier && retried < retrier.maxAttempts) {
        await branch.run.clock.sleep(
          retryDelay(retrier, retried, branch.run.random),
          branch.signal,
        );
        retries.set(retrier, retried + 1);
        if (branch.visit) branch.visit.retryCount += 1;
        continue;
      }
      const catcher = state.catch.find(({ errorEquals }) => {
        return matchesError(errorEquals, error, state.type);
      });
      if (!catcher) throw error;
      const caught = errorOutput(error);
      const passed = payloadOf(caught, state.name);
      return depart(branch, state, input, catcher, passed, { errorOutput: caught });
    }
  }
}

/** In milliseconds. FULL jitter draws from zero to the delay. */
function retryDelay(retrier: Retrier, retried: number, random: () => number): number {
  const { intervalSeconds, backoffRate, maxDelaySeconds, jitterStrategy } = retrier;
  const seconds = Math.min(intervalSeconds * backoffRate ** retried, maxDelaySeconds);
  return (jitterStrategy === 'FULL' ? random() * seconds : seconds) * 1000;
}
