import { useEffect, useRef, useState } from 'preact/hooks';
import type {
  ExecutionDetail,
  ExecutionSummary,
  ExecutionUpdate,
  LogLineView,
  StepView,
} from '../view.ts';
import { ApiError, executionPath, getJson } from './api.ts';

/** One visit of a state. It stays the same object when it changes. */
export interface Step extends Omit<StepView, 'within' | 'before'> {
  /** The Parallel or Map around this step. */
  readonly within: Step | undefined;
  /** The step before this one in the same workflow, perhaps through its Catch. */
  readonly before: Step | undefined;
}

export interface LogLine extends Omit<LogLineView, 'stepId'> {
  /** The Task whose function printed the line. */
  readonly step: Step | undefined;
}

/** An execution as the page has read it so far. Its events are read on demand. */
export interface ExecutionData {
  readonly detail: ExecutionDetail;
  /** In the order entered. */
  readonly steps: readonly Step[];
  /** The lines that the functions behind Tasks printed. */
  readonly log: readonly LogLine[];
}

/**
 * Reads an execution, and what has changed each time that its summary changes. If another process has
 * replaced the one that ran it, what was read stays.
 */
export function useExecutionData(arn: string, summary: ExecutionSummary | undefined) {
  const [execution, setExecution] = useState<ExecutionData>();
  const [failure, setFailure] = useState<Error>();
  const reading = useRef(Promise.resolve());
  const known = useRef(nothingKnown());
  useEffect(() => {
    reading.current = reading.current
      .then(async () => {
        setExecution(await readChanges(arn, known.current));
        setFailure(undefined);
      })
      .catch((error) => {
        setFailure(error);
        if (isLost(error)) setExecution((before) => before && aborted(before));
      });
  }, [arn, summary]);
  return { execution, failure };
}

/** Whether the server no longer has the execution. */
export const isLost = (failure: unknown) => failure instanceof ApiError && failure.status === 400;

/** The execution, which has ended with its process if it was running. */
function aborted(execution: ExecutionData): ExecutionData {
  const { detail, steps } = execution;
  if (detail.status !== 'RUNNING') return execution;
  const now = new Date();
  for (const step of steps) {
    if (step.exited === undefined)
      Object.assign(step, { status: 'ABORTED', exited: now.getTime() });
  }
  return { ...execution, detail: { ...detail, status: 'ABORTED', stopDate: now.toISOString() } };
}

function nothingKnown() {
  return { startDate: '', events: 0, steps: new Map<number, Step>(), log: [] as LogLine[] };
}

async function readChanges(
  arn: string,
  known: ReturnType<typeof nothingKnown>,
): Promise<ExecutionData> {
  const path = `${executionPath(arn)}?events=${known.events}&lines=${known.log.length}`;
  const { steps, log, ...detail } = await getJson<ExecutionUpdate>(path);
  if (known.events > 0 && detail.startDate !== known.startDate) {
    // Another process has run an execution of the same name.
    Object.assign(known, nothingKnown());
    return readChanges(arn, known);
  }
  // A step comes after the step around it and the step before it.
  for (const view of steps) {
    const step: Step = {
      // JSON leaves out members that are undefined.
      exited: undefined,
      error: undefined,
      pastAttempts: undefined,
      ...view,
      within: view.within === undefined ? undefined : known.steps.get(view.within),
      before: view.before === undefined ? undefined : known.steps.get(view.before),
    };
    const before = known.steps.get(view.id);
    if (before) Object.assign(before, step);
    else known.steps.set(view.id, step);
  }
  for (const { stepId = 0, ...line } of log) {
    known.log.push({ ...line, step: known.steps.get(stepId) });
  }
  known.startDate = detail.startDate;
  known.events = detail.events;
  return { detail, steps: [...known.steps.values()], log: known.log };
}

export function stepAfter({ steps }: ExecutionData, step: Step): Step | undefined {
  return steps.find(({ before }) => before === step);
}
