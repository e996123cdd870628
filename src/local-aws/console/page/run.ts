import { useEffect, useRef, useState } from 'preact/hooks';
import type { Step, StepHistory } from '../../../step-functions/step.ts';
import { createStepHistory } from '../../../step-functions/steps.ts';
import type { EventView, ExecutionDetail, ExecutionSummary, LogLineView } from '../view.ts';
import { executionPath, getJson } from './api.ts';

/** One execution as far as the page knows it. Events come without data, which is read on demand. */
export interface Run {
  readonly detail: ExecutionDetail;
  readonly events: readonly EventView[];
  readonly history: StepHistory;
  /** The events of a step, in order. */
  readonly eventsOf: ReadonlyMap<Step, readonly EventView[]>;
  /** What the functions behind Tasks printed. */
  readonly log: readonly LogLineView[];
}

/** Reads an execution, and whatever is new each time its summary changes. */
export function useRun(arn: string, summary: ExecutionSummary | undefined) {
  const [run, setRun] = useState<Run>();
  const [failure, setFailure] = useState('');
  const reading = useRef(Promise.resolve());
  const known = useRef(emptyRun());
  useEffect(() => {
    reading.current = reading.current
      .then(async () => setRun(await readNews(arn, known.current)))
      .catch((error) => setFailure(String(error.message)));
  }, [arn, summary]);
  return { run, failure };
}

function emptyRun() {
  return {
    events: [] as EventView[],
    history: createStepHistory(),
    eventsOf: new Map<Step, EventView[]>(),
    log: [] as LogLineView[],
  };
}

async function readNews(arn: string, known: ReturnType<typeof emptyRun>): Promise<Run> {
  const { events, history, eventsOf, log } = known;
  // The detail first: an execution that has ended by then has all of its events.
  const detail = await getJson<ExecutionDetail>(executionPath(arn));
  for (;;) {
    const path = `${executionPath(arn)}/events?after=${events.length}`;
    const news = await getJson<EventView[]>(path);
    if (news.length === 0) break;
    for (const event of news) {
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

/** The step that a step came from, within the same workflow; a Catch of it may have led here. */
export function stepBefore({ events, history }: Run, step: Step): Step | undefined {
  const before = history.stepOf(events[step.id - 1]?.previousEventId ?? 0);
  return before && before.within === step.within ? before : undefined;
}

export function stepAfter(run: Run, step: Step): Step | undefined {
  return run.history.steps.find((each) => each.id > step.id && stepBefore(run, each) === step);
}
