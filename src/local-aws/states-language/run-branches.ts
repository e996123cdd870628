import { appendUnlinked, type Branch, type RunWorkflow } from './branch.ts';
import { yieldToEventLoop } from './event-loop.ts';
import { StatesError } from './execution.ts';
import { checkSize, type Payload } from './payload.ts';
import type { JsonObject, Workflow } from './states.ts';
import { freeScope, innerScope } from './variables.ts';

/** The abort reason of the other branches when one branch fails. */
class SiblingFailed extends Error {
  override readonly name = 'SiblingFailed';
}

export interface BranchWork {
  readonly workflow: Workflow;
  readonly input: Payload;
  readonly map?: JsonObject;
}

/**
 * Prepares the work of a branch just before it starts: the inputs of all iterations of a Map together
 * may take too much memory.
 *
 * @throws {StatesError}
 */
export type PrepareWork = () => Promise<BranchWork>;

/** The differences between the branches of a Parallel and the iterations of a Map. */
export interface BranchKind {
  /** The name of the Parallel or Map state. */
  readonly name: string;
  readonly type: 'Parallel' | 'Map';
  readonly concurrency: number;
  started(branch: Branch, index: number): void;
  /** @returns the event that the state's own success links to if this branch ends last */
  succeeded(branch: Branch, index: number): number;
  aborted(parent: Branch, index: number): void;
  /**
   * Records that a branch failed.
   *
   * @returns the output of the branch, if the failure is tolerated
   * @throws {StatesError} the error with which the state fails
   */
  failed(branch: Branch, index: number, error: StatesError): Payload;
}

/** The branches of one state while they run. */
interface Group {
  readonly parent: Branch;
  readonly kind: BranchKind;
  readonly runWorkflow: RunWorkflow;
  readonly cancel: AbortController;
  readonly signal: AbortSignal;
  readonly running: Map<number, Branch>;
  readonly outputs: Payload[];
  outputBytes: number;
  /** The event that the state's success links to. */
  lastEventId: number;
}

/**
 * Runs branches concurrently, and cancels the others as soon as one fails.
 *
 * `previousEventId` is as on AWS. A branch links to the event that started the state, or to the last
 * event of the branch whose slot it takes. The success of the state links to the last event of the
 * branch that ended last. No event links to that success.
 *
 * @returns the outputs, in the order of `work`
 */
export async function runBranches(
  parent: Branch,
  work: readonly PrepareWork[],
  kind: BranchKind,
  runWorkflow: RunWorkflow,
): Promise<Payload[]> {
  const cancel = new AbortController();
  const group: Group = {
    parent,
    kind,
    runWorkflow,
    cancel,
    signal: AbortSignal.any([parent.signal, cancel.signal]),
    running: new Map(),
    outputs: [],
    outputBytes: 0,
    lastEventId: parent.previousEventId,
  };
  try {
    // Branches that start together are prepared first, so that their start events are adjacent in the
    // history.
    const prepared: BranchWork[] = [];
    for (const prepare of work.slice(0, kind.concurrency)) {
      prepared.push(
        await cancelSiblingsOnError(group, prepared.length, () => prepareNext(prepare)),
      );
    }
    const queue = work.entries();
    await Promise.all(prepared.map(() => runSlot(group, queue, prepared)));
  } catch (error) {
    cancel.abort(new SiblingFailed());
    for (const { variables } of group.running.values()) {
      freeScope(parent.runtime.variableMemory, variables);
    }
    throw error;
  }
  parent.previousEventId = group.lastEventId;
  appendUnlinked(parent, { type: `${kind.type}StateSucceeded` });
  return group.outputs;
}

/** Runs branches from the queue one after another. There is one slot for each concurrent branch. */
async function runSlot(
  group: Group,
  queue: Iterable<[number, PrepareWork]>,
  prepared: readonly BranchWork[],
): Promise<void> {
  let previousEventId = group.parent.previousEventId;
  for (const [index, prepare] of queue) {
    previousEventId = await cancelSiblingsOnError(group, index, async () => {
      const work = prepared[index] ?? (await prepareNext(prepare));
      return runBranch(group, index, work, previousEventId);
    });
  }
}

async function prepareNext(prepare: PrepareWork): Promise<BranchWork> {
  await yieldToEventLoop();
  return prepare();
}

/** Cancels the other branches if the work fails. */
async function cancelSiblingsOnError<T>(
  group: Group,
  index: number,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    group.signal.throwIfAborted();
    if (error instanceof StatesError) cancelSiblings(group, index);
    throw error;
  }
}

/** Returns the id of the branch's last event. */
async function runBranch(
  group: Group,
  index: number,
  { workflow, input, map = group.parent.map }: BranchWork,
  previousEventId: number,
): Promise<number> {
  const { parent, kind, signal } = group;
  const variables = innerScope(parent.variables);
  const branch: Branch = {
    runtime: parent.runtime,
    signal,
    variables,
    map,
    previousEventId,
    visit: undefined,
  };
  group.running.set(index, branch);
  kind.started(branch, index);
  // Lets the other branches that start now record their start events before this one enters a state.
  await undefined;
  const output = await outputOf(group, index, branch, () => {
    return group.runWorkflow(branch, workflow, input);
  });
  group.running.delete(index);
  freeScope(parent.runtime.variableMemory, variables);
  group.outputs[index] = output;
  group.outputBytes += Buffer.byteLength(output.text);
  checkSize(group.outputBytes, kind.name);
  return branch.previousEventId;
}

/** Returns the output of a branch, and records how it ended. */
async function outputOf(
  group: Group,
  index: number,
  branch: Branch,
  work: () => Promise<Payload>,
): Promise<Payload> {
  try {
    const output = await work();
    group.lastEventId = group.kind.succeeded(branch, index);
    return output;
  } catch (error) {
    group.signal.throwIfAborted();
    if (!(error instanceof StatesError)) throw error;
    const lastEventId = branch.previousEventId;
    group.parent.previousEventId = lastEventId;
    const tolerated = group.kind.failed(branch, index, error);
    group.lastEventId = lastEventId;
    return tolerated;
  }
}

function cancelSiblings({ parent, kind, cancel, running }: Group, failed: number): void {
  for (const [index, branch] of running) {
    if (index !== failed) kind.aborted(parent, index);
    const type = branch.visit?.state.type;
    if (type === 'Task' || type === 'Wait' || type === 'Parallel' || type === 'Map') {
      appendUnlinked(parent, { type: `${type}StateAborted` });
    }
  }
  cancel.abort(new SiblingFailed());
}
