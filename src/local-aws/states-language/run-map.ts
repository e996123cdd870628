import { append, appendUnlinked, type Branch, type RunWorkflow } from './branch.ts';
import { errorOutput } from './errors.ts';
import { evaluate, evaluationFailed } from './evaluate.ts';
import { type Json, StatesError } from './execution.ts';
import { type Payload, payloadOf } from './payload.ts';
import { type BranchWork, runBranches } from './run-branches.ts';
import type { MapState, Template } from './states.ts';

/** On AWS an inline Map runs at most this many iterations at the same time. */
const maxConcurrency = 40;

/** Runs the ItemProcessor once for each item. Returns the array of the outputs. */
export async function runMap(
  branch: Branch,
  state: MapState,
  input: Payload,
  runWorkflow: RunWorkflow,
): Promise<Payload> {
  const { name } = state;
  const fields = await evaluateFields(branch, state, input);
  const { items, toleratedFailureCount, toleratedFailurePercentage } = fields;
  append(branch, {
    type: 'MapStateStarted',
    mapStateStartedEventDetails: { length: items.length },
  });
  let failures = 0;
  const outputs = await runBranches(
    branch,
    items.map(
      (value, index) => () => iterationOf(branch, state, { Index: index, Value: value }, input),
    ),
    {
      name,
      type: 'Map',
      concurrency: Math.min(fields.maxConcurrency || maxConcurrency, maxConcurrency),
      started(iteration, index) {
        const mapIterationStartedEventDetails = { name, index };
        append(iteration, { type: 'MapIterationStarted', mapIterationStartedEventDetails });
      },
      succeeded(iteration, index) {
        const mapIterationSucceededEventDetails = { name, index };
        return appendUnlinked(iteration, {
          type: 'MapIterationSucceeded',
          mapIterationSucceededEventDetails,
        });
      },
      aborted(parent, index) {
        const mapIterationAbortedEventDetails = { name, index };
        appendUnlinked(parent, { type: 'MapIterationAborted', mapIterationAbortedEventDetails });
      },
      failed(iteration, index, error) {
        const mapIterationFailedEventDetails = { name, index };
        appendUnlinked(iteration, { type: 'MapIterationFailed', mapIterationFailedEventDetails });
        failures += 1;
        if (!toleratedFailureCount && !toleratedFailurePercentage) throw error;
        checkTolerance(fields, failures);
        return payloadOf(errorOutput(error), name);
      },
    },
    runWorkflow,
  );
  return payloadOf(
    outputs.map(({ value }) => value),
    name,
  );
}

/** The evaluated fields of a Map. */
interface MapFields {
  readonly items: readonly Json[];
  /** 0 means no limit of its own. */
  readonly maxConcurrency: number;
  readonly toleratedFailureCount: number | undefined;
  readonly toleratedFailurePercentage: number | undefined;
}

/** @throws {StatesError} `States.QueryEvaluationError` */
export async function evaluateFields(
  branch: Branch,
  state: MapState,
  input: Payload,
): Promise<MapFields> {
  const items = state.items ? await evaluate(branch, state.items, input.value) : input.value;
  if (!Array.isArray(items)) {
    branch.previousEventId = branch.visit?.precedingEventId ?? branch.previousEventId;
    throw evaluationFailed(branch, `Map state input must be an array but was: ${input.text}`);
  }
  const number = async (template: Template<number> | undefined) => {
    return template && (await evaluate(branch, template, input.value));
  };
  return {
    items,
    maxConcurrency: (await number(state.maxConcurrency)) ?? 0,
    toleratedFailureCount: await number(state.toleratedFailureCount),
    toleratedFailurePercentage: await number(state.toleratedFailurePercentage),
  };
}

/** @throws {StatesError} more iterations have failed than either of the two fields allows */
export function checkTolerance(fields: MapFields, failures: number): void {
  const { items, toleratedFailureCount: count, toleratedFailurePercentage: percentage } = fields;
  const toleratesNone = count === undefined && percentage === undefined;
  const maxCount = toleratesNone ? 0 : (count ?? Number.POSITIVE_INFINITY);
  const percent = (failures / items.length) * 100;
  if (!(failures > maxCount || percent > (percentage ?? 100))) return;
  throw new StatesError(
    'States.ExceedToleratedFailureThreshold',
    'The specified tolerated failure threshold was exceeded',
  );
}

async function iterationOf(
  branch: Branch,
  { name, itemProcessor: workflow, itemSelector }: MapState,
  item: { readonly Index: number; readonly Value: Json },
  input: Payload,
): Promise<BranchWork> {
  const map = { Item: item };
  const selected = itemSelector
    ? await evaluate({ ...branch, map }, itemSelector, input.value)
    : item.Value;
  return { workflow, map, input: payloadOf(selected, name) };
}
