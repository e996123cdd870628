import type { ExecutionStatus, HistoryEvent } from '@aws-sdk/client-sfn';
import { eventBytes, withoutData } from './history.ts';
import { ServiceError } from './service-error.ts';
import type { StateMachine } from './state-machines.ts';

/** How an execution ended, with the values that the API returns. */
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
  /** The caller's `User-Agent`, such as `aws-cli/2.31.0 …`, or empty. */
  readonly userAgent: string;
}

export interface StartedExecution {
  readonly arn: string;
  readonly name: string;
  /** The revision with which the execution started. */
  readonly stateMachine: StateMachine;
  /** Present if the execution was started by the ARN of a version or an alias. */
  readonly versionArn?: string | undefined;
  readonly aliasArn?: string | undefined;
  readonly origin: ExecutionOrigin;
  /** JSON text. */
  readonly input: string;
  readonly startDate: Date;
}

export interface StoredExecution extends StartedExecution {
  /** Increases with each execution stored. */
  readonly sequence: number;
  /** The history; undefined once it is dropped to save memory. */
  readonly events: readonly HistoryEvent[] | undefined;
  /** Undefined while the execution runs. */
  readonly end: ExecutionEnd | undefined;
}

export interface StoreLimits {
  /** The most closed executions to keep. AWS keeps each for 90 days. */
  readonly closed: number;
  /** The approximate memory for all inputs, outputs and histories. */
  readonly bytes: number;
  /** The approximate memory for one execution. Beyond it, history events are stored without data. */
  readonly executionBytes: number;
}

export interface ExecutionStore {
  /** @throws {ServiceError} ExecutionLimitExceeded */
  add(execution: StartedExecution): StoredExecution;
  get(arn: string): StoredExecution | undefined;
  /** Appends to the history of a running execution, without the event's data if memory is short. */
  append(execution: StoredExecution, event: HistoryEvent): void;
  close(execution: StoredExecution, end: ExecutionEnd): void;
  newestFirst(): StoredExecution[];
}

interface MutableExecution extends StoredExecution {
  events: HistoryEvent[] | undefined;
  end: ExecutionEnd | undefined;
  /** The size of input and output. */
  dataBytes: number;
  historyBytes: number;
}

/** The approximate memory of an execution in addition to its strings, in bytes. */
const executionOverhead = 1000;

/**
 * Keeps Standard executions in memory, within limits. When memory is short, it first drops the
 * histories of closed executions, oldest first. Then it drops the closed executions themselves, and a
 * running execution whose history does not fit loses that history. Running executions are never
 * dropped.
 */
export function createExecutionStore(limits: StoreLimits): ExecutionStore {
  const executions = new Map<string, MutableExecution>();
  /** Both sets are in the order in which the executions closed. */
  const closed = new Set<MutableExecution>();
  const closedWithHistory = new Set<MutableExecution>();
  let added = 0;
  let bytes = 0;

  const fits = (wanted: number) => bytes + wanted <= limits.bytes;

  function makeRoomForHistory(wanted: number): boolean {
    for (const oldest of closedWithHistory) {
      if (fits(wanted)) break;
      dropHistory(oldest);
    }
    return fits(wanted);
  }

  function dropHistory(execution: MutableExecution): void {
    closedWithHistory.delete(execution);
    bytes -= execution.historyBytes;
    execution.historyBytes = 0;
    execution.events = undefined;
  }

  function makeRoom(wanted: number): boolean {
    makeRoomForHistory(wanted);
    for (const oldest of closed) {
      if (closed.size <= limits.closed && fits(wanted)) break;
      dropHistory(oldest);
      closed.delete(oldest);
      executions.delete(oldest.arn);
      bytes -= oldest.dataBytes;
    }
    return fits(wanted);
  }

  function growData(execution: MutableExecution, by: number): void {
    execution.dataBytes += by;
    bytes += by;
  }

  function own({ arn }: StoredExecution): MutableExecution {
    const execution = executions.get(arn);
    if (!execution) throw new TypeError('Not an execution of this store.');
    return execution;
  }

  return {
    add(execution) {
      const size = executionOverhead + 2 * execution.input.length;
      if (!makeRoom(size)) {
        throw new ServiceError(
          'ExecutionLimitExceeded',
          'Execution Limit Exceeded: running executions fill the memory of local AWS.',
        );
      }
      added += 1;
      const stored: MutableExecution = {
        ...execution,
        sequence: added,
        events: [],
        end: undefined,
        dataBytes: 0,
        historyBytes: 0,
      };
      executions.set(execution.arn, stored);
      growData(stored, size);
      return stored;
    },
    get: (arn) => executions.get(arn),
    append(execution, event) {
      const stored = own(execution);
      if (!stored.events) return;
      const whole = eventBytes(event);
      const withData =
        stored.historyBytes + whole <= limits.executionBytes && makeRoomForHistory(whole);
      const appended = withData ? event : withoutData(event);
      const size = withData ? whole : eventBytes(appended);
      if (!makeRoomForHistory(size)) return dropHistory(stored);
      stored.events.push(appended);
      stored.historyBytes += size;
      bytes += size;
    },
    close(execution, end) {
      const stored = own(execution);
      stored.end = end;
      growData(stored, 2 * ((end.output?.length ?? 0) + (end.cause?.length ?? 0)));
      closed.add(stored);
      if (stored.events) closedWithHistory.add(stored);
      makeRoom(0);
    },
    newestFirst: () => [...executions.values()].reverse(),
  };
}
