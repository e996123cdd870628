import {
  type SFNClient,
  StartSyncExecutionCommand,
  type StartSyncExecutionCommandOutput,
} from '@aws-sdk/client-sfn';
import type { Clock } from '../clock.ts';
import type { Settings } from '../settings.ts';
import {
  failureOf,
  IncompleteResponse,
  StepFunctionsError,
  type StepFunctionsFailure,
  wasNotCarriedOut,
} from './errors.ts';
import { onFirstAttempt } from './http-handler.ts';

/** How an Express execution ended. */
export interface SyncExecution {
  readonly executionArn: string;
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT';
  readonly startDate: Date;
  readonly stopDate: Date;
  /** JSON text, as Step Functions returns it. */
  readonly output?: string | undefined;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
  readonly awsRequestId: string | undefined;
}

/** A sync execution has no known outcome. */
export class SyncExecutionError extends StepFunctionsError {
  /** Whether the workflow may have run, or may still run. */
  readonly mayHaveStarted: boolean;

  constructor(failure: StepFunctionsFailure, mayHaveStarted: boolean, cause?: unknown) {
    super(failure, cause);
    this.mayHaveStarted = mayHaveStarted;
  }
}

export interface SyncExecutions {
  /**
   * Starts an Express execution at most once, and waits for it to end.
   *
   * @param signal aborts the call and frees its connection; the execution continues
   * @param traceHeader the caller's trace, as {@link traceHeaderOf} returns it
   * @throws {SyncExecutionError} with `capacity-exhausted`, `deadline-exceeded`, `outcome-unknown`,
   *   `aborted`, or what {@link failureOf} returns for a call that was not carried out
   */
  run(input: string, signal: AbortSignal, traceHeader?: string): Promise<SyncExecution>;
  readonly inFlight: number;
  /** The number of calls so far that may have been carried out, but whose outcome is unknown. */
  readonly unknownOutcomes: number;
}

type SyncSettings = Pick<Settings, 'express' | 'maxSyncExecutions' | 'syncTimeoutSeconds'>;

export function createSyncExecutions(
  client: SFNClient,
  settings: SyncSettings,
  clock: Clock,
): SyncExecutions {
  let inFlight = 0;
  let unknownOutcomes = 0;
  return {
    get inFlight() {
      return inFlight;
    },
    get unknownOutcomes() {
      return unknownOutcomes;
    },
    async run(input, signal, traceHeader) {
      if (inFlight >= settings.maxSyncExecutions) {
        throw new SyncExecutionError('capacity-exhausted', false);
      }
      // Not AbortSignal.timeout, which stays in memory until the deadline, long after the response.
      // Not AbortSignal.any, which is expensive with thousands of waiting callers.
      const call = new AbortController();
      let isSent = false;
      onFirstAttempt(call.signal, () => {
        isSent = true;
      });
      const aborted = Promise.withResolvers<never>();
      const abort = () => {
        call.abort();
        aborted.reject(call.signal.reason);
      };
      let isLate = false;
      const stopTimer = clock.schedule(settings.syncTimeoutSeconds * 1000, () => {
        isLate = true;
        abort();
      });
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
      inFlight += 1;
      try {
        const command = new StartSyncExecutionCommand({
          stateMachineArn: settings.express.arn,
          input,
          traceHeader,
        });
        // The race also ends the wait for credentials, during which the SDK ignores the signal. The
        // SDK then sends nothing.
        const response = await Promise.race([
          client.send(command, { abortSignal: call.signal }),
          aborted.promise,
        ]);
        return toSyncExecution(response);
      } catch (error) {
        const mayHaveStarted = isSent && !isRefused(error);
        if (signal.aborted) throw new SyncExecutionError('aborted', mayHaveStarted, error);
        if (mayHaveStarted) unknownOutcomes += 1;
        const failure = isLate ? 'deadline-exceeded' : syncFailureOf(error, mayHaveStarted);
        throw new SyncExecutionError(failure, mayHaveStarted, error);
      } finally {
        stopTimer();
        signal.removeEventListener('abort', abort);
        inFlight -= 1;
      }
    },
  };
}

/** Whether an error proves that Step Functions did not start the execution. */
function isRefused(error: unknown): boolean {
  // Credentials may fail before a retry, which follows only an attempt that was refused.
  return wasNotCarriedOut(error) || failureOf(error) === 'misconfigured';
}

function syncFailureOf(error: unknown, mayHaveStarted: boolean): StepFunctionsFailure {
  const failure = failureOf(error);
  return failure === 'unavailable' && mayHaveStarted ? 'outcome-unknown' : failure;
}

function toSyncExecution(response: StartSyncExecutionCommandOutput): SyncExecution {
  const { executionArn, status, startDate, stopDate, output, error, cause, $metadata } = response;
  if (!executionArn || !status || !startDate || !stopDate) throw new IncompleteResponse();
  const awsRequestId = $metadata.requestId;
  return { executionArn, status, startDate, stopDate, output, error, cause, awsRequestId };
}
