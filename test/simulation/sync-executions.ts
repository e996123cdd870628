import type { SyncExecution } from '../../src/step-functions/sync-executions.ts';
import type { VirtualClock } from '../execution-statuses/virtual-clock.ts';
import type { Choices } from './choices.ts';
import type { Fault } from './faults.ts';

/** A StartSyncExecution call that Step Functions received. */
export interface ReceivedCall {
  readonly at: number;
  readonly input: string;
  readonly fault: Fault | undefined;
  /** The execution that it started, unless it was refused or failed before. */
  readonly execution: SyncExecution | undefined;
  /** When the execution ends. */
  readonly endsAt: number;
}

/** Express executions, which can start twice as they have no unique name. */
export function simulateSyncExecutions(clock: VirtualClock, choices: Choices) {
  const received: ReceivedCall[] = [];

  return {
    received,
    /** Records a call. Its execution may take longer than its caller waits. */
    receive(input: string, fault: Fault | undefined): ReceivedCall {
      const isStarted = fault === undefined || fault.endsWith('-after');
      const duration = choices.chance(0.1) ? choices.whole(1000, 60_000) : choices.whole(1, 3000);
      const call: ReceivedCall = {
        at: clock.now(),
        input,
        fault,
        endsAt: clock.now() + (isStarted ? duration : 0),
        execution: isStarted ? executionOf(input, duration) : undefined,
      };
      received.push(call);
      return call;
    },
  };

  function executionOf(input: string, duration: number): SyncExecution {
    const status = choices.pick(['SUCCEEDED', 'SUCCEEDED', 'FAILED', 'TIMED_OUT'] as const);
    const isSuccess = status === 'SUCCEEDED';
    return {
      executionArn: `arn:aws:states:us-east-1:123456789012:express:user-onboarding-express:${received.length}:1`,
      status: status ?? 'SUCCEEDED',
      startDate: new Date(clock.epoch()),
      stopDate: new Date(clock.epoch() + duration),
      output: isSuccess ? `{"of":${input}}` : undefined,
      error: isSuccess ? undefined : 'E',
      cause: undefined,
      awsRequestId: `request-${received.length}`,
    };
  }
}
