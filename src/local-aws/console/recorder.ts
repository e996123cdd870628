import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { Step, StepHistory } from '../../step-functions/step.ts';
import { createStepHistory } from '../../step-functions/steps.ts';
import type { ExecutionEnd, StartedExecution } from '../step-functions/execution-store.ts';
import type { Executions } from '../step-functions/executions.ts';
import { eventBytes, withoutData } from '../step-functions/history.ts';

/** A line that the code behind a Task printed. */
export interface LogLine {
  /** The id of the attempt's TaskStarted event. */
  readonly eventId: number;
  readonly date: Date;
  readonly text: string;
}

/** An execution of either type, with its history. */
export interface RecordedExecution {
  readonly execution: StartedExecution;
  readonly events: readonly HistoryEvent[];
  readonly history: StepHistory;
  /** The steps in the order entered, each with its events in order. */
  readonly eventsOf: ReadonlyMap<Step, readonly HistoryEvent[]>;
  readonly log: readonly LogLine[];
  /** Undefined while the execution runs. */
  readonly end: ExecutionEnd | undefined;
  /** What was left out to save memory: the `data` of events, or later `events` and log lines too. */
  readonly omitted: 'data' | 'events' | undefined;
}

export interface Recorder {
  newestFirst(): readonly RecordedExecution[];
  get(arn: string): RecordedExecution | undefined;
  /**
   * Calls `listener` with the ARN of an execution each time the execution changes.
   *
   * @returns a function that ends the subscription
   */
  onChange(listener: (arn: string) => void): () => void;
}

export interface RecorderLimits {
  readonly executions: number;
  /** The approximate memory for all executions. */
  readonly bytes: number;
  /** The approximate memory for one execution. Beyond it, events have no data and log lines are dropped. */
  readonly executionBytes: number;
  /** The most events of one execution. */
  readonly events: number;
}

const mebibyte = 1024 * 1024;
const defaultLimits: RecorderLimits = {
  executions: 5000,
  bytes: 192 * mebibyte,
  executionBytes: 32 * mebibyte,
  // The AWS quota of a Standard execution. An Express execution has no such quota.
  events: 25_000,
};

/** The approximate memory of an execution or a log line in addition to its strings, in bytes. */
const overhead = 1000;
const maxLineCharacters = 16_384;

interface Recording extends RecordedExecution {
  readonly events: HistoryEvent[];
  readonly eventsOf: Map<Step, HistoryEvent[]>;
  readonly log: LogLine[];
  end: ExecutionEnd | undefined;
  omitted: RecordedExecution['omitted'];
  bytes: number;
}

/**
 * Records executions and their histories, those of Express executions too, which Step Functions does
 * not keep. Beyond the limits, ended executions are dropped in the order in which they ended. Running
 * ones are never dropped; their events and log lines are left out if there is no room.
 */
export function createRecorder(
  executions: Pick<Executions, 'subscribe'>,
  limits: RecorderLimits = defaultLimits,
): Recorder {
  const recordings = new Map<string, Recording>();
  const ended = new Set<Recording>();
  const listeners = new Set<(arn: string) => void>();
  let bytes = 0;

  function changed({ arn }: StartedExecution): void {
    for (const listener of listeners) listener(arn);
  }

  /** Drops ended executions until there is room. Returns whether there is. */
  function makeRoom(wanted: number): boolean {
    const isEnough = () => recordings.size <= limits.executions && bytes + wanted <= limits.bytes;
    for (const oldest of ended) {
      if (isEnough()) break;
      ended.delete(oldest);
      recordings.delete(oldest.execution.arn);
      bytes -= oldest.bytes;
    }
    return bytes + wanted <= limits.bytes;
  }

  function grow(recording: Recording, by: number): void {
    recording.bytes += by;
    bytes += by;
  }

  /** Reserves memory for an execution. Returns false if there is no room. */
  function reserve(recording: Recording, wanted: number): boolean {
    if (recording.bytes + wanted > limits.executionBytes || !makeRoom(wanted)) return false;
    grow(recording, wanted);
    return true;
  }

  function record(recording: Recording, event: HistoryEvent): void {
    if (recording.omitted === 'events') return;
    if (recording.events.length >= limits.events) {
      recording.omitted = 'events';
      return;
    }
    if (reserve(recording, eventBytes(event))) {
      append(recording, event);
      return;
    }
    const eventWithoutData = withoutData(event);
    const size = eventBytes(eventWithoutData);
    recording.omitted = makeRoom(size) ? 'data' : 'events';
    if (recording.omitted === 'events') return;
    grow(recording, size);
    append(recording, eventWithoutData);
  }

  executions.subscribe({
    started(execution) {
      const recording: Recording = {
        execution,
        events: [],
        history: createStepHistory(),
        eventsOf: new Map(),
        log: [],
        end: undefined,
        omitted: undefined,
        bytes: 0,
      };
      recordings.set(execution.arn, recording);
      grow(recording, overhead + 2 * execution.input.length);
      makeRoom(0);
      changed(execution);
    },
    event(execution, event) {
      const recording = recordings.get(execution.arn);
      if (recording === undefined) return;
      record(recording, event);
      changed(execution);
    },
    log(execution, eventId, line) {
      const recording = recordings.get(execution.arn);
      if (recording === undefined) return;
      const text = line.length > maxLineCharacters ? `${line.slice(0, maxLineCharacters)}…` : line;
      if (reserve(recording, overhead + 2 * text.length)) {
        recording.log.push({ eventId, date: new Date(), text });
      } else {
        recording.omitted ??= 'data';
      }
      changed(execution);
    },
    ended(execution, end) {
      const recording = recordings.get(execution.arn);
      if (recording === undefined) return;
      recording.end = end;
      grow(recording, 2 * ((end.output?.length ?? 0) + (end.cause?.length ?? 0)));
      ended.add(recording);
      makeRoom(0);
      changed(execution);
    },
  });

  return {
    newestFirst: () => [...recordings.values()].reverse(),
    get: (arn) => recordings.get(arn),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function append({ events, history, eventsOf }: Recording, event: HistoryEvent): void {
  events.push(event);
  history.add(event);
  const step = history.stepOf(event.id ?? 0);
  const ofStep = step && eventsOf.get(step);
  if (ofStep) ofStep.push(event);
  else if (step) eventsOf.set(step, [event]);
}
