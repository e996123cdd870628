import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { ExecutionEnd, StartedExecution } from '../step-functions/execution-store.ts';
import type { Executions } from '../step-functions/executions.ts';
import { eventBytes, withoutData } from '../step-functions/history.ts';

/** A line that the code behind a Task printed. */
export interface LogLine {
  /** Of the event with which the attempt started. */
  readonly eventId: number;
  readonly date: Date;
  readonly text: string;
}

/** An execution of either type, with its history. */
export interface RecordedExecution {
  readonly execution: StartedExecution;
  readonly events: readonly HistoryEvent[];
  readonly log: readonly LogLine[];
  /** Undefined while it runs. */
  readonly end: ExecutionEnd | undefined;
  /** What there was no room for: `data` of events, or also later `events` and log lines. */
  readonly missing: 'data' | 'events' | undefined;
}

export interface Recorder {
  newestFirst(): readonly RecordedExecution[];
  get(arn: string): RecordedExecution | undefined;
  /**
   * Calls `listener` with an execution's ARN whenever something happened to it.
   *
   * @returns a function that ends the subscription
   */
  onChange(listener: (arn: string) => void): () => void;
}

export interface RecorderLimits {
  readonly executions: number;
  /** Memory of everything that is recorded, about. */
  readonly bytes: number;
  /** Memory of one execution, about: beyond it, events come without data, and no log lines. */
  readonly executionBytes: number;
  /** Events of one execution. */
  readonly events: number;
}

const mebibyte = 1024 * 1024;
const defaultLimits: RecorderLimits = {
  executions: 5000,
  bytes: 192 * mebibyte,
  executionBytes: 32 * mebibyte,
  // What AWS lets a Standard execution have. An Express one may have any number.
  events: 25_000,
};

/** What an execution or a log line weighs in memory beside its texts. */
const overhead = 1000;
const longestLine = 16_384;

interface Recording extends RecordedExecution {
  readonly events: HistoryEvent[];
  readonly log: LogLine[];
  end: ExecutionEnd | undefined;
  missing: RecordedExecution['missing'];
  bytes: number;
}

/**
 * Remembers what executions did, Express ones too, of which Step Functions itself keeps nothing.
 * Those that ended are forgotten in the order in which they ended, once there are too many of them
 * or they take too much memory. Those that run are never forgotten; their events and log lines are
 * left out where there is no room.
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

  /** @returns whether there is room now */
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

  /** @returns whether there is room for so many bytes, which then are taken */
  function take(recording: Recording, wanted: number): boolean {
    if (recording.bytes + wanted > limits.executionBytes || !makeRoom(wanted)) return false;
    grow(recording, wanted);
    return true;
  }

  function record(recording: Recording, event: HistoryEvent): void {
    if (recording.missing === 'events') return;
    if (recording.events.length >= limits.events) {
      recording.missing = 'events';
      return;
    }
    if (take(recording, eventBytes(event))) {
      recording.events.push(event);
      return;
    }
    const bare = withoutData(event);
    const size = eventBytes(bare);
    recording.missing = makeRoom(size) ? 'data' : 'events';
    if (recording.missing === 'events') return;
    grow(recording, size);
    recording.events.push(bare);
  }

  executions.subscribe({
    started(execution) {
      const recording: Recording = {
        execution,
        events: [],
        log: [],
        end: undefined,
        missing: undefined,
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
      const text = line.length > longestLine ? `${line.slice(0, longestLine)}…` : line;
      if (take(recording, overhead + 2 * text.length)) {
        recording.log.push({ eventId, date: new Date(), text });
      } else {
        recording.missing ??= 'data';
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
