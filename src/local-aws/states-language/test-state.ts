import type { Branch } from './branch.ts';
import { matchesError } from './errors.ts';
import { evaluate } from './evaluate.ts';
import { type Json, StatesError } from './execution.ts';
import { type Payload, payloadOf } from './payload.ts';
import { checkTolerance, evaluateFields } from './run-map.ts';
import { exitByCatcher, exitState, retryDelay, runState, type StateOutcome } from './run-state.ts';
import { runTask } from './run-task.ts';
import type { MapState, RecoverableState, State } from './states.ts';

/** The mocked result of a state under test. */
export type Mock = { readonly result: Json } | { readonly error: StatesError };

export interface StateTest {
  readonly state: State;
  readonly input: Json;
  readonly mock: Mock | undefined;
  /** How often the matching Retrier has already retried. */
  readonly retries: number;
  /** The number of iterations of a Map that fail. */
  readonly failedIterations: number | undefined;
}

/** The `inspectionData` of TestState. Strings are JSON texts. */
export interface Inspection {
  input: string;
  afterArguments?: string;
  afterItemSelector?: string;
  result?: string;
  maxConcurrency?: number;
  toleratedFailureCount?: number;
  toleratedFailurePercentage?: number;
  variables?: string;
  errorDetails?: {
    catchIndex?: number;
    retryIndex?: number;
    retryBackoffIntervalSeconds?: number;
  };
}

export interface StateTestOutcome {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'RETRIABLE' | 'CAUGHT_ERROR';
  /** JSON text. */
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
  readonly nextState?: string | undefined;
  readonly inspection: Inspection;
}

/** Runs one attempt of one state. An error that would be retried returns RETRIABLE. */
export async function testState(branch: Branch, test: StateTest): Promise<StateTestOutcome> {
  const input = payloadOf(test.input, test.state.name);
  const inspection: Inspection = { input: input.text };
  const attempt: Attempt = { branch, test, input, inspection };
  try {
    const outcome = await outcomeOf(attempt);
    return { status: 'SUCCEEDED', ...exitFields(attempt, outcome), inspection };
  } catch (error) {
    if (!(error instanceof StatesError)) throw error;
    return afterError(attempt, error);
  }
}

interface Attempt {
  readonly branch: Branch;
  readonly test: StateTest;
  readonly input: Payload;
  readonly inspection: Inspection;
}

function exitFields({ branch, inspection }: Attempt, { output, next }: StateOutcome) {
  inspection.variables = JSON.stringify(branch.variables.values);
  return { output: output.text, ...(next !== undefined && { nextState: next }) };
}

async function outcomeOf({ branch, test, input, inspection }: Attempt): Promise<StateOutcome> {
  const { state } = test;
  if (!('retry' in state)) return runState(branch, state, input, noNestedWorkflow);
  const defaultOutput = await resultOf({ branch, test, input, inspection }, state);
  inspection.result = defaultOutput.text;
  const members = { result: defaultOutput.value };
  return exitState(branch, state, { exit: state, input, defaultOutput, members });
}

/** TestState does not run branches; they need a mock. */
async function noNestedWorkflow(): Promise<never> {
  throw new TypeError('There is no workflow in a state under test.');
}

async function resultOf(attempt: Attempt, state: RecoverableState): Promise<Payload> {
  const { branch, test, input, inspection } = attempt;
  if (state.type === 'Map') await inspectMap(attempt, state);
  else if (state.arguments) {
    const evaluated = await evaluate(branch, state.arguments, input.value);
    inspection.afterArguments = payloadOf(evaluated, state.name).text;
  }
  if (test.mock) {
    if ('error' in test.mock) throw test.mock.error;
    return payloadOf(test.mock.result, state.name);
  }
  if (state.type === 'Task') return runTask(branch, state, input);
  throw new TypeError('A Map or Parallel state needs a mock.');
}

async function inspectMap({ branch, test, input, inspection }: Attempt, state: MapState) {
  const fields = await evaluateFields(branch, state, input);
  const { items, ...limits } = fields;
  Object.assign(inspection, limits);
  if (state.itemSelector) {
    const selected: Json[] = [];
    for (const [Index, Value] of items.entries()) {
      const map = { Item: { Index, Value } };
      selected.push(await evaluate({ ...branch, map }, state.itemSelector, input.value));
    }
    inspection.afterItemSelector = JSON.stringify(selected);
  }
  checkTolerance(fields, test.failedIterations ?? 0);
}

async function afterError(attempt: Attempt, error: StatesError): Promise<StateTestOutcome> {
  const { branch, test, input, inspection } = attempt;
  const { state } = test;
  const failure = { error: error.error, cause: error.cause };
  if (!('retry' in state)) return { status: 'FAILED', ...failure, inspection };
  const handles = ({ errorEquals }: { readonly errorEquals: readonly string[] }) =>
    matchesError(errorEquals, error, state.type);
  const retryIndex = state.retry.findIndex(handles);
  const retrier = state.retry[retryIndex];
  if (retrier && test.retries < retrier.maxAttempts) {
    const milliseconds = retryDelay(retrier, test.retries, branch.runtime.random);
    const retryBackoffIntervalSeconds = Math.round(milliseconds / 1000);
    inspection.errorDetails = { retryIndex, retryBackoffIntervalSeconds };
    return { status: 'RETRIABLE', ...failure, inspection };
  }
  const catchIndex = state.catch.findIndex(handles);
  const catcher = state.catch[catchIndex];
  if (!catcher) return { status: 'FAILED', ...failure, inspection };
  inspection.errorDetails = { catchIndex };
  try {
    const outcome = await exitByCatcher(branch, state, input, catcher, error);
    return { status: 'CAUGHT_ERROR', ...failure, ...exitFields(attempt, outcome), inspection };
  } catch (thrown) {
    if (!(thrown instanceof StatesError)) throw thrown;
    return { status: 'FAILED', error: thrown.error, cause: thrown.cause, inspection };
  }
}
