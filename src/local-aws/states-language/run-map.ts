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
  const items = state.items ? await evaluate(branch, state.items, input.value) : input.value;
  if (!Array.isArray(items)) {
    branch.previousEventId = branch.visit?.precedingEventId ?? branch.previousEventId;
    throw evaluationFailed(branch, `Map state input must be an array but was: ${input.text}`);
  }
  const number = async (template: Template<number> | undefined) => {
    return template && (await evaluate(branch, template, input.value));
  };
  const concurrency = (await number(state.maxConcurrency)) || maxConcurrency;
  const exceeded = toleranceOf(
    items.length,
    await number(state.toleratedFailureCount),
    await number(state.toleratedFailurePercentage),
  );
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
      concurrency: Math.min(concurrency, maxConcurrency),
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
        if (!exceeded) throw error;
        if (!exceeded(failures)) return payloadOf(errorOutput(error), name);
        throw new StatesError(
          'States.ExceedToleratedFailureThreshold',
          'The specified tolerated failure threshold was exceeded',
        );
      },
    },
    runWorkflow,
  );
  return payloadOf(
    outputs.map(({ value }) => value),
    name,
  );
}

/** Returns a check that a number of failures is too high, or undefined if none is tolerated. */
function toleranceOf(items: number, count: number | undefined, percentage: number | undefined) {
  if (!count && !percentage) return undefined;
  return (failures: number) =>
    (count !== undefined && failures > count) ||
    (percentage !== undefined && (failures / items) * 100 > percentage);
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
