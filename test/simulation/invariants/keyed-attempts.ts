import { type Process, syncTimeoutSeconds } from '../process.ts';
import type { ReceivedCall } from '../sync-executions.ts';
import type { World } from '../world.ts';
import { mayHaveRun } from './received-calls.ts';

/** The longest Express execution and time to store its outcome, and what clocks differ by. */
const claimedFor = 335_000;
/** How long a write that failed is tried again after the response. */
export const storedWithin = 12_000;

/** A request under a key. */
export interface KeyedAttempt {
  readonly process: Process;
  readonly key: string;
  readonly input: string;
  readonly since: number;
  /** When it was over: by its response, or by the crash of its process. */
  until: number;
  isCrashed: boolean;
  /** Whether the key may have been its own meanwhile. */
  mayClaim: boolean;
}

/** All requests under keys, and what one of them explains about another. */
export function createKeyedAttempts({ clock, weather, stepFunctions }: World) {
  let attempts: KeyedAttempt[] = [];

  /** Whether it may have left a claim behind that only time resolves. */
  function isLeft({ isCrashed, since, until }: KeyedAttempt): boolean {
    const last = Math.min(until, clock.now()) + storedWithin;
    return isCrashed || weather.tableOutages.touches(since - 1000, last);
  }

  function others(attempt: KeyedAttempt): KeyedAttempt[] {
    return attempts.filter((each) => each.key === attempt.key && each !== attempt && each.mayClaim);
  }

  function callsOf({ input, since, until }: KeyedAttempt): ReceivedCall[] {
    return stepFunctions.received.filter(
      (call) => call.input === input && call.at >= since && call.at <= until,
    );
  }

  /** Whether its call may have run, and its response never came. */
  function isAmbiguous(attempt: KeyedAttempt): boolean {
    return callsOf(attempt).some((call) => isLate(call) || (call.fault && mayHaveRun(call)));
  }

  return {
    others,
    callsOf,
    isLeft,
    begin(process: Process, key: string, input: string): KeyedAttempt {
      const attempt: KeyedAttempt = {
        process,
        key,
        input,
        since: clock.now(),
        until: Number.POSITIVE_INFINITY,
        isCrashed: false,
        mayClaim: true,
      };
      // After the response, there may be something left to write.
      process.crashed.addEventListener('abort', () => {
        attempt.isCrashed = clock.now() < attempt.until + storedWithin;
        attempt.until = Math.min(attempt.until, clock.now());
      });
      attempts.push(attempt);
      return attempt;
    },

    /** Whether another one may have had the key during this one. */
    mayBeClaimed(attempt: KeyedAttempt): boolean {
      const writesFail = weather.faults > 0 ? storedWithin : 0;
      return others(attempt).some(
        (each) => each.until + (isLeft(each) ? claimedFor : writesFail) >= attempt.since,
      );
    },

    /** Whether the workflow may have run for the key, without anybody to tell. */
    mayBeUnknown: (attempt: KeyedAttempt): boolean =>
      isAmbiguous(attempt) || others(attempt).some((each) => isLeft(each) || isAmbiguous(each)),

    underWay: (process: Process): KeyedAttempt | undefined =>
      attempts.find((each) => each.process === process && each.until > clock.now()),

    forget(): void {
      attempts = [];
    },
  };
}

export function isLate(call: ReceivedCall): boolean {
  return call.endsAt - call.at > syncTimeoutSeconds * 1000 - 500;
}
