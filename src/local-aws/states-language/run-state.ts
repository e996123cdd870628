import { append, type Branch, type RunWorkflow, stateError } from './branch.ts';
import { errorOutput, matchesError } from './errors.ts';
import { evaluate, evaluationFailed } from './evaluate.ts';
import { StatesError } from './execution.ts';
import { type Payload, payloadOf } from './payload.ts';
import { runMap } from './run-map.ts';
import { runParallel } from './run-parallel.ts';
import { runTask } from './run-task.ts';
import type {
  Catcher,
  ChoiceState,
  Exit,
  FailState,
  JsonObject,
  RecoverableState,
  Retrier,
  State,
  WaitState,
} from './states.ts';
import { readTimestamp } from './timestamp.ts';
import { assign, prepareAssignment } from './variables.ts';

/** The output of a state and the next state. Without `next`, the workflow ends. */
export interface StateOutcome {
  readonly output: Payload;
  readonly next: string | undefined;
}

/**
 * Runs the state that the branch has entered.
 *
 * @throws {StatesError} an error that no Retrier or Catcher handles
 */
export async function runState(
  branch: Branch,
  state: State,
  input: Payload,
  runWorkflow: RunWorkflow,
): Promise<StateOutcome> {
  switch (state.type) {
    case 'Pass':
    case 'Succeed':
      return exitState(branch, state, { exit: state, input });
    case 'Wait':
      await wait(branch, state, input);
      return exitState(branch, state, { exit: state, input });
    case 'Choice':
      return exitState(branch, state, { exit: await choose(branch, state, input), input });
    case 'Fail':
      return fail(branch, state, input);
    case 'Task':
      return withRecovery(branch, state, input, () => runTask(branch, state, input));
    case 'Parallel':
      return withRecovery(branch, state, input, () => {
        return runParallel(branch, state, input, runWorkflow);
      });
    case 'Map':
      return withRecovery(branch, state, input, () => runMap(branch, state, input, runWorkflow));
  }
}

interface ExitOptions {
  /** The state itself, or one of its Catchers or Choice Rules. */
  readonly exit: Exit;
  readonly input: Payload;
  /** The output if the exit has no `Output`; the input by default. */
  readonly defaultOutput?: Payload;
  /** Members of `$states` in addition to `input` and `context`. */
  readonly members?: JsonObject;
}

/**
 * Evaluates `Assign` and `Output`, records StateExited, and then assigns the variables: both fields
 * see the variables as they were when the state was entered.
 */
export async function exitState(
  branch: Branch,
  state: Exclude<State, FailState>,
  { exit, input, defaultOutput = input, members }: ExitOptions,
): Promise<StateOutcome> {
  const { variables, runtime } = branch;
  const values = exit.assign && (await evaluate(branch, exit.assign, input.value, members));
  const output = exit.output
    ? payloadOf(await evaluate(branch, exit.output, input.value, members), state.name)
    : defaultOutput;
  const assignment = values && prepareAssignment(runtime.variableMemory, variables, values);
  append(branch, {
    type: `${state.type}StateExited`,
    stateExitedEventDetails: {
      name: state.name,
      output: output.text,
      outputDetails: { truncated: false },
      ...(assignment?.texts.length && {
        assignedVariables: Object.fromEntries(assignment.texts),
        assignedVariablesDetails: { truncated: false },
      }),
    },
  });
  if (assignment) assign(runtime.variableMemory, variables, assignment);
  return { output, next: exit.next };
}

async function wait(branch: Branch, state: WaitState, input: Payload): Promise<void> {
  const { clock } = branch.runtime;
  let milliseconds = 0;
  if (state.seconds) {
    milliseconds = (await evaluate(branch, state.seconds, input.value)) * 1000;
  } else if (state.timestamp) {
    const until = await evaluate(branch, state.timestamp, input.value);
    const time = readTimestamp(until);
    if (time === undefined) {
      const cause = `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${until}`;
      throw evaluationFailed(branch, cause, 'Timestamp');
    }
    milliseconds = time - clock.now();
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

/** Runs the work of a state, with its `Retry` and `Catch`. */
async function withRecovery(
  branch: Branch,
  state: RecoverableState,
  input: Payload,
  work: () => Promise<Payload>,
): Promise<StateOutcome> {
  const retries = new Map<Retrier, number>();
  for (;;) {
    try {
      const defaultOutput = await work();
      const members = { result: defaultOutput.value };
      return await exitState(branch, state, { exit: state, input, defaultOutput, members });
    } catch (error) {
      if (!(error instanceof StatesError)) throw error;
      const handles = ({ errorEquals }: { readonly errorEquals: readonly string[] }) => {
        return matchesError(errorEquals, error, state.type);
      };
      const retrier = state.retry.find(handles);
      const previousRetries = (retrier && retries.get(retrier)) ?? 0;
      if (retrier && previousRetries < retrier.maxAttempts) {
        const { clock, random } = branch.runtime;
        await clock.sleep(retryDelay(retrier, previousRetries, random), branch.signal);
        retries.set(retrier, previousRetries + 1);
        if (branch.visit) branch.visit.retryCount += 1;
        continue;
      }
      if (state.type !== 'Task') append(branch, { type: `${state.type}StateFailed` });
      const catcher = state.catch.find(handles);
      if (!catcher) throw error;
      return exitByCatcher(branch, state, input, catcher, error);
    }
  }
}

export function exitByCatcher(
  branch: Branch,
  state: RecoverableState,
  input: Payload,
  catcher: Catcher,
  error: StatesError,
): Promise<StateOutcome> {
  const caught = errorOutput(error);
  return exitState(branch, state, {
    exit: catcher,
    input,
    defaultOutput: payloadOf(caught, state.name),
    members: { errorOutput: caught },
  });
}

/** Returns milliseconds. FULL jitter is a random delay from zero to the computed one. */
export function retryDelay(
  retrier: Retrier,
  previousRetries: number,
  random: () => number,
): number {
  const { intervalSeconds, backoffRate, maxDelaySeconds, jitterStrategy } = retrier;
  const seconds = Math.min(intervalSeconds * backoffRate ** previousRetries, maxDelaySeconds);
  return (jitterStrategy === 'FULL' ? random() * seconds : seconds) * 1000;
}
