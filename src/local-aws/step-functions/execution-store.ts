import type { ExecutionStatus, HistoryEvent } from '@aws-sdk/client-sfn';
import { eventBytes, withoutData } from './history.ts';
import { ServiceError } from './service-error.ts';
import type { StateMachine } from './state-machines.ts';

/** How an execution ended. Texts are as the API returns them. */
export interface ExecutionEnd {
  readonly status: Exclude<ExecutionStatus, 'RUNNING' | 'PENDING_REDRIVE'>;
  readonly stopDate: Date;
  readonly output?: string | undefined;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
}

/** The request that started an execution. */
export interface ExecutionOrigin {
  readonly operation: 'StartExecution' | 'StartSyncExecution';
  /** The caller's `User-Agent`, such as `aws-cli/2.31.0 …`; empty where it sent none. */
  readonly userAgent: string;
}

export interface StartedExecution {
  readonly arn: string;
  readonly name: string;
  readonly stateMachine: StateMachine;
  readonly origin: ExecutionOrigin;
  /** JSON text. */
  readonly input: string;
  readonly startDate: Date;
}

export interface StoredExecution extends StartedExecution {
  /** Rises with each execution stored. */
  readonly sequence: number;
  readonly events: readonly HistoryEvent[];
  /** Undefined while it runs. */
  readonly end: ExecutionEnd | undefined;
}

export interface StoreLimits {
  /** Executions kept after they closed. AWS keeps each for 90 days. */
  readonly closed: number;
  /** Memory of all inputs, outputs and histories, about. */
  readonly bytes: number;
  /** Memory of one execution, about: beyond it, the events of its history come without data. */
  readonly executionBytes: number;
}

export interface ExecutionStore {
  /** @throws {ServiceError} ExecutionLimitExceeded */
  add(execution: StartedExecution): StoredExecution;
  get(arn: string): StoredExecution | undefined;
  /** Appends to the history of an execution that runs; without data where there is no room for it. */
  append(execution: StoredExecution, event: HistoryEvent): void;
  close(execution: StoredExecution, end: ExecutionEnd): void;
  newestFirst(): StoredExecution[];
}

interface Kept extends StoredExecution {
  readonly events: HistoryEvent[];
  end: ExecutionEnd | undefined;
  bytes: number;
}

/**
 * Keeps Standard executions in memory, within limits: those that closed are forgotten in the order
 * in which they closed, those that run never.
 */
export function createExecutionStore(limits: StoreLimits): ExecutionStore {
  const executions = new Map<string, Kept>();
  const closed = new Set<Kept>();
  let added = 0;
  let bytes = 0;

  function makeRoom(wanted: number): boolean {
    for (const oldest of closed) {
      if (closed.size <= limits.closed && bytes + wanted <= limits.bytes) break;
      closed.delete(oldest);
      executions.delete(oldest.arn);
      bytes -= oldest.bytes;
    }
    return bytes + wanted <= limits.bytes;
  }

  function grow(execution: Kept, by: number): void {
    execution.bytes += by;
    bytes += by;
  }

  function kept({ arn }: StoredExecution): Kept {
    const execution = executions.get(arn);
    if (!execution) throw new TypeError('Not an execution of this store.');
    return execution;
  }

  return {
    add(execution) {
      const size = 2 * execution.input.length;
      if (!makeRoom(size)) {
        throw new ServiceError(
          'ExecutionLimitExceeded',
          'Execution Limit Exceeded: running executions fill the memory of local AWS.',
        );
      }
      added += 1;
      const stored: Kept = { ...execution, sequence: added, events: [], end: undefined, bytes: 0 };
      executions.set(execution.arn, stored);
      grow(stored, size);
      return stored;
    },
    get: (arn) => executions.get(arn),
    append(execution, event) {
      const stored = kept(execution);
      const size = eventBytes(event);
      const fits = stored.bytes + size <= limits.executionBytes && makeRoom(size);
      const appended = fits ? event : withoutData(event);
      stored.events.push(appended);
      grow(stored, eventBytes(appended));
    },
    close(execution, end) {
      const stored = kept(execution);
      stored.end = end;
      grow(stored, 2 * ((end.output?.length ?? 0) + (end.cause?.length ?? 0)));
      closed.add(stored);
      makeRoom(0);
    },
    newestFirst: () => [...executions.values()].reverse(),
  };
}
