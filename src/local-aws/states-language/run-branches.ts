import { append, appendAside, type Branch, checkSize, giveWay, type Payload } from './branch.ts';
import { StatesError } from './execution.ts';
import type { JsonObject, Workflow } from './states.ts';
import { innerScope, leaveScope } from './variables.ts';

/** Why the rest is cancelled when one branch fails. */
class SiblingFailed extends Error {
  override readonly name = 'SiblingFailed';
}

export interface BranchWork {
  readonly workflow: Workflow;
  readonly input: Payload;
  readonly map?: JsonObject;
}

/**
 * What a branch works on, made when its turn comes: all inputs of a Map at once may be thousands of
 * times the largest.
 *
 * @throws {StatesError}
 */
export type MakeBranchWork = () => Promise<BranchWork>;

/** What differs between the branches of Parallel and the iterations of Map. */
export interface BranchesOptions {
  /** The state's. */
  readonly name: string;
  readonly type: 'Parallel' | 'Map';
  readonly concurrency: number;
  started(branch: Branch, index: number): void;
  /** @returns the event that the state's own success follows, should no branch end later */
  succeeded(branch: Branch, index: number): number;
  aborted(branch: Branch, index: number): void;
  /**
   * Records that a branch failed.
   *
   * @returns its output where the failure is tolerated, or the error that the state fails with
   */
  failed(branch: Branch, index: number, error: StatesError): Payload | StatesError;
}

/**
 * Runs branches side by side, and cancels the others as soon as one fails.
 *
 * The history's `previousEventId` is as AWS has it: a branch follows the event that started the
 * state, or the last one of the branch whose place it takes; the state's own success follows the
 * last event of the branch that ended last, and is itself followed by nothing.
 *
 * @returns the outputs, in the order of `work`
 */
export async function runBranches(
  parent: Branch,
  work: readonly MakeBranchWork[],
  options: BranchesOptions,
  runWorkflow: (branch: Branch, workflow: Workflow, input: Payload) => Promise<Payload>,
): Promise<Payload[]> {
  const cancel = new AbortController();
  const signal = AbortSignal.any([parent.signal, cancel.signal]);
  const running = new Map<number, Branch>();
  const outputs: Payload[] = [];
  let outputBytes = 0;
  const places = Math.min(options.concurrency, work.length);
  const made: BranchWork[] = [];
  const queue = work.entries();
  let last = parent.previousEventId;

  /** Takes one branch after another; as many places run as may do so at once. */
  async function place(): Promise<void> {
    let previousEventId = parent.previousEventId;
    for (const [index, make] of queue) {
      const { workflow, input, map = parent.map } = made[index] ?? (await orFail(index, make));
      const variables = innerScope(parent.variables);
      const { run } = parent;
      const branch: Branch = { run, signal, variables, map, previousEventId, visit: undefined };
      running.set(index, branch);
      options.started(branch, index);
      // All that start at once are recorded as started before any of them enters a state.
      await undefined;
      const output = await complete(branch, index, workflow, input);
      running.delete(index);
      leaveScope(run, variables);
      outputs[index] = output;
      outputBytes += Buffer.byteLength(output.text);
      await orFail(index, async () => checkSize(outputBytes, options.name));
      previousEventId = branch.previousEventId;
    }
  }

  /** What goes wrong between branches is the state's own failure. */
  async function orFail<T>(index: number, work: () => Promise<T>): Promise<T> {
    try {
      await giveWay(parent.run);
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof StatesError) fail(index);
      throw error;
    }
  }

  function fail(failed: number): void {
    abortStates(failed);
    cancel.abort(new SiblingFailed());
    append(parent, { type: `${options.type}StateFailed` });
  }

  async function complete(branch: Branch, index: number, workflow: Workflow, input: Payload) {
    try {
      const output = await runWorkflow(branch, workflow, input);
      last = options.succeeded(branch, index);
      return output;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof StatesError)) throw error;
      const outcome = options.failed(branch, index, error);
      if (!(outcome instanceof StatesError)) {
        last = branch.previousEventId;
        return outcome;
      }
      parent.previousEventId = branch.previousEventId;
      fail(index);
      throw outcome;
    }
  }

  function abortStates(failed: number): void {
    for (const [index, branch] of running) {
      if (index !== failed) options.aborted(parent, index);
      const type = branch.visit?.state.type;
      if (type === 'Task' || type === 'Wait' || type === 'Parallel' || type === 'Map') {
        appendAside(parent, { type: `${type}StateAborted` });
      }
    }
  }

  try {
    // All that start at once are made before, so that their starts stand together in the history.
    for (const [index, make] of work.slice(0, places).entries()) {
      made.push(await orFail(index, make));
    }
    await Promise.all(Array.from({ length: places }, place));
  } catch (error) {
    cancel.abort(new SiblingFailed());
    for (const { variables } of running.values()) leaveScope(parent.run, variables);
    throw error;
  }
  parent.previousEventId = last;
  appendAside(parent, { type: `${options.type}StateSucceeded` });
  return outputs;
}
