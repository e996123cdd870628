import { append, type Branch, type RunWorkflow } from './branch.ts';
import { evaluate } from './evaluate.ts';
import { type Payload, payloadOf } from './payload.ts';
import { runBranches } from './run-branches.ts';
import type { ParallelState } from './states.ts';

/** Runs every branch with the same input. Returns the array of the outputs. */
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
      failed(_branch, _index, error) {
        throw error;
      },
    },
    runWorkflow,
  );
  return payloadOf(
    outputs.map(({ value }) => value),
    state.name,
  );
}
