import { useEffect, useRef, useState } from 'preact/hooks';
import type { Step, StepHistory } from '../../../step-functions/step.ts';
import { createStepHistory } from '../../../step-functions/steps.ts';
import type { EventView, ExecutionDetail, ExecutionSummary, LogLineView } from '../view.ts';
import { executionPath, getJson } from './api.ts';

/** An execution as the page has read it so far. Events have no data; that is read on demand. */
export interface ExecutionData {
  readonly detail: ExecutionDetail;
  readonly events: readonly EventView[];
  readonly history: StepHistory;
  /** The events of a step, in order. */
  readonly eventsOf: ReadonlyMap<Step, readonly EventView[]>;
  /** The lines that the functions behind Tasks printed. */
  readonly log: readonly LogLineView[];
}

/** Reads an execution, and its new events each time its summary changes. */
export function useExecutionData(arn: string, summary: ExecutionSummary | undefined) {
  const [execution, setExecution] = useState<ExecutionData>();
  const [failure, setFailure] = useState('');
  const reading = useRef(Promise.resolve());
  const known = useRef(emptyData());
  useEffect(() => {
    reading.current = reading.current
      .then(async () => setExecution(await readNewEvents(arn, known.current)))
      .catch((error) => setFailure(String(error.message)));
  }, [arn, summary]);
  return { execution, failure };
}

function emptyData() {
  return {
    events: [] as EventView[],
    history: createStepHistory(),
    eventsOf: new Map<Step, EventView[]>(),
    log: [] as LogLineView[],
  };
}

async function readNewEvents(
  arn: string,
  known: ReturnType<typeof emptyData>,
): Promise<ExecutionData> {
  const { events, history, eventsOf, log } = known;
  // Reads the detail first: if it says that the execution has ended, all events are there.
  const detail = await getJson<ExecutionDetail>(executionPath(arn));
  for (;;) {
    const path = `${executionPath(arn)}/events?after=${events.length}`;
    const newEvents = await getJson<EventView[]>(path);
    if (newEvents.length === 0) break;
    for (const event of newEvents) {
      events.push(event);
      history.add({ ...event, timestamp: new Date(event.timestamp) });
      const step = history.stepOf(event.id);
      const ofStep = step && eventsOf.get(step);
      if (ofStep) ofStep.push(event);
      else if (step) eventsOf.set(step, [event]);
    }
  }
  while (log.length < detail.logLines) {
    log.push(...(await getJson<LogLineView[]>(`${executionPath(arn)}/log?after=${log.length}`)));
  }
  return { detail, ...known };
}

/** Returns the step before a step in the same workflow, perhaps through its Catch. */
export function stepBefore({ events, history }: ExecutionData, step: Step): Step | undefined {
  const before = history.stepOf(events[step.id - 1]?.previousEventId ?? 0);
  return before && before.within === step.within ? before : undefined;
}

export function stepAfter(execution: ExecutionData, step: Step): Step | undefined {
  return execution.history.steps.find(
    (each) => each.id > step.id && stepBefore(execution, each) === step,
  );
}
