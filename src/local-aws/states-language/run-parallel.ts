import {
  append,
  type Branch,
  evaluate,
  type Payload,
  payloadOf,
  type RunWorkflow,
} from './branch.ts';
import { runBranches } from './run-branches.ts';
import type { ParallelState } from './states.ts';

/** Runs every branch with the same input; the result is the array of their outputs. */
export async function runParallel(
  branch: Branch,
  state: ParallelState,
  input: Payload,
  runWorkflow: RunWorkflow,
): Promise<Payload> {
  const branchInput = state.arguments
    ? payloadOf(await evaluate(branch, state.arguments, input.value), state.name)
    : input;
  append(branch, { type: 'ParallelStateStarted' });
  const outputs = await runBranches(
    branch,
    state.branches.map((workflow) => async () => ({ workflow, input: branchInput })),
    {
      name: state.name,
      type: 'Parallel',
      concurrency: state.branches.length,
      started() {},
      succeeded: ({ previousEventId }) => previousEventId,
      aborted() {},
      failed: (_branch, _index, error) => error,
    },
    runWorkflow,
  );
  return payloadOf(
    outputs.map(({ value }) => value),
    state.name,
  );
}
