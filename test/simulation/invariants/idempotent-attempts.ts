import { type Process, syncTimeoutSeconds } from '../process.ts';
import type { ReceivedCall } from '../sync-executions.ts';
import type { World } from '../world.ts';
import { mayHaveRun } from './received-calls.ts';

/** The longest Express execution, the time to store its outcome, and the difference of clocks. */
const claimedFor = 335_000;
/** How long after the response the service retries a failed write. */
export const storedWithin = 12_000;

/** A request with a key. */
export interface IdempotentAttempt {
  readonly process: Process;
  readonly key: string;
  readonly input: string;
  readonly since: number;
  /** When it ended: with its response, or with the crash of its process. */
  until: number;
  isCrashed: boolean;
  /** Whether it may have claimed the key. */
  mayClaim: boolean;
}

/** All requests with keys, and how they may affect each other. */
export function createIdempotentAttempts({ clock, weather, stepFunctions }: World) {
  let attempts: IdempotentAttempt[] = [];

  /** Whether it may have left a claim that only its expiry resolves. */
  function mayLeaveClaim({ isCrashed, since, until }: IdempotentAttempt): boolean {
    const last = Math.min(until, clock.now()) + storedWithin;
    return isCrashed || weather.tableOutages.touches(since - 1000, last);
  }

  function others(attempt: IdempotentAttempt): IdempotentAttempt[] {
    return attempts.filter((each) => each.key === attempt.key && each !== attempt && each.mayClaim);
  }

  function callsOf({ input, since, until }: IdempotentAttempt): ReceivedCall[] {
    return stepFunctions.received.filter(
      (call) => call.input === input && call.at >= since && call.at <= until,
    );
  }

  /** Whether its call may have run without a response. */
  function isAmbiguous(attempt: IdempotentAttempt): boolean {
    return callsOf(attempt).some((call) => isLate(call) || (call.fault && mayHaveRun(call)));
  }

  return {
    others,
    callsOf,
    mayLeaveClaim,
    begin(process: Process, key: string, input: string): IdempotentAttempt {
      const attempt: IdempotentAttempt = {
        process,
        key,
        input,
        since: clock.now(),
        until: Number.POSITIVE_INFINITY,
        isCrashed: false,
        mayClaim: true,
      };
      // Writes may follow the response.
      process.crashed.addEventListener('abort', () => {
        attempt.isCrashed = clock.now() < attempt.until + storedWithin;
        attempt.until = Math.min(attempt.until, clock.now());
      });
      attempts.push(attempt);
      return attempt;
    },

    /** Whether another request may have had the claim during this one. */
    mayBeClaimed(attempt: IdempotentAttempt): boolean {
      const writesFail = weather.faults > 0 ? storedWithin : 0;
      return others(attempt).some(
        (each) => each.until + (mayLeaveClaim(each) ? claimedFor : writesFail) >= attempt.since,
      );
    },

    /** Whether the workflow may have run for the key without a known outcome. */
    mayBeUnknown: (attempt: IdempotentAttempt): boolean =>
      isAmbiguous(attempt) ||
      others(attempt).some((each) => mayLeaveClaim(each) || isAmbiguous(each)),

    underWay: (process: Process): IdempotentAttempt | undefined =>
      attempts.find((each) => each.process === process && each.until > clock.now()),

    forget(): void {
      attempts = [];
    },
  };
}

export function isLate(call: ReceivedCall): boolean {
  return call.endsAt - call.at > syncTimeoutSeconds * 1000 - 500;
}
