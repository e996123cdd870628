import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { ExecutionEnd, StartedExecution } from '../step-functions/execution-store.ts';
import type { Executions } from '../step-functions/executions.ts';
import { eventBytes } from '../step-functions/history.ts';

/** An execution of either type, with its whole history. */
export interface RecordedExecution {
  readonly execution: StartedExecution;
  readonly events: readonly HistoryEvent[];
  /** Undefined while it runs. */
  readonly end: ExecutionEnd | undefined;
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

const mebibyte = 1024 * 1024;
const defaultLimits = { executions: 5000, bytes: 128 * mebibyte };

interface Recording extends RecordedExecution {
  readonly events: HistoryEvent[];
  end: ExecutionEnd | undefined;
  bytes: number;
}

/**
 * Remembers what executions did, Express ones too, of which Step Functions itself keeps nothing.
 * Those that ended are forgotten in the order in which they ended, once there are too many of them
 * or their histories take too much memory.
 */
export function createRecorder(
  executions: Pick<Executions, 'subscribe'>,
  limits: { readonly executions: number; readonly bytes: number } = defaultLimits,
): Recorder {
  const recordings = new Map<string, Recording>();
  const ended = new Set<Recording>();
  const listeners = new Set<(arn: string) => void>();
  let bytes = 0;

  function changed({ arn }: StartedExecution): void {
    for (const listener of listeners) listener(arn);
  }

  function makeRoom(): void {
    for (const oldest of ended) {
      if (recordings.size <= limits.executions && bytes <= limits.bytes) return;
      ended.delete(oldest);
      recordings.delete(oldest.execution.arn);
      bytes -= oldest.bytes;
    }
  }

  executions.subscribe({
    started(execution) {
      recordings.set(execution.arn, { execution, events: [], end: undefined, bytes: 0 });
      makeRoom();
      changed(execution);
    },
    event(execution, event) {
      const recording = recordings.get(execution.arn);
      if (recording === undefined) return;
      recording.events.push(event);
      const size = eventBytes(event);
      recording.bytes += size;
      bytes += size;
      makeRoom();
      changed(execution);
    },
    ended(execution, end) {
      const recording = recordings.get(execution.arn);
      if (recording === undefined) return;
      recording.end = end;
      ended.add(recording);
      makeRoom();
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
