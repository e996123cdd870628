import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type {
  ExecutionConstants,
  ExecutionProgress,
  ExecutionSummary,
  ExecutionUpdate,
  LogLineView,
  StepView,
} from '../view.ts';
import { ApiError, executionPath, getJson } from './api.ts';
import { fromRows } from './step-rows.ts';

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

export type ExecutionDetail = ExecutionProgress & ExecutionConstants;

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
  // Starts before the browser paints, which can take longer than the request.
  useLayoutEffect(() => {
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

interface Known {
  detail: ExecutionDetail | undefined;
  steps: Map<number, Step>;
  log: LogLine[];
}

function nothingKnown(): Known {
  return { detail: undefined, steps: new Map(), log: [] };
}

async function readChanges(arn: string, known: Known): Promise<ExecutionData> {
  const path = `${executionPath(arn)}?events=${known.detail?.events ?? 0}&lines=${known.log.length}`;
  const update = await getJson<ExecutionUpdate>(path);
  const { constants = known.detail, steps, log, ...progress } = update;
  if (constants === undefined || (known.detail ?? progress).startDate !== progress.startDate) {
    // Another process has run an execution of the same name.
    Object.assign(known, nothingKnown());
    return readChanges(arn, known);
  }
  for (const step of fromRows(steps, (id) => known.steps.get(id))) {
    const before = known.steps.get(step.id);
    if (before) Object.assign(before, step);
    else known.steps.set(step.id, step);
  }
  for (const { stepId = 0, ...line } of log) {
    known.log.push({ ...line, step: known.steps.get(stepId) });
  }
  const detail = { ...constants, ...progress };
  known.detail = detail;
  return { detail, steps: [...known.steps.values()], log: known.log };
}

export function stepAfter({ steps }: ExecutionData, step: Step): Step | undefined {
  return steps.find(({ before }) => before === step);
}
