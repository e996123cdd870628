import type { Clock } from '../clock.ts';

/** Once AWS has throttled us, the refill is halved; it doubles again each time this passes. */
const RECOVERY_MILLISECONDS = 10_000;
const SMALLEST_SHARE = 1 / 16;

/** How often we may call one operation of AWS: `burst` calls at once, `rate` more each second. */
export interface TokenBucket {
  readonly rate: number;
  readonly burst: number;
  /** Takes the token for one call, if there is one. */
  take(): boolean;
  /** To be called when a call is over, with a response or without. Once for every token taken. */
  returned(): void;
  tokens(): number;
  /** Milliseconds until there is a token; Infinity while that depends on a call coming back. */
  untilToken(): number;
  /** AWS throttled us although we kept within the budget: others use the same quota. */
  slowDown(): void;
}

/**
 * A token bucket that keeps within AWS's own, if that has the same size and refill, whatever the
 * network does. AWS counts a call when it arrives, which is any moment between its departure and
 * its response. So a call in flight keeps its place in the bucket: were it refilled at once, a slow
 * call and a full burst after it could arrive together, one more than AWS admits.
 *
 * @param options.rate tokens per second
 * @param options.burst the most tokens, and the most calls in flight
 */
export function createTokenBucket(options: {
  rate: number;
  burst: number;
  clock: Clock;
}): TokenBucket {
  const { rate, burst, clock } = options;
  let tokens = burst;
  let inFlight = 0;
  let filledAt = clock.now();
  let share = 1;
  let shareChangedAt = Number.NEGATIVE_INFINITY;

  function refill(): void {
    const now = clock.now();
    const gained = (rate * share * (now - filledAt)) / 1000;
    tokens = Math.min(burst - inFlight, tokens + gained);
    filledAt = now;
    if (share < 1 && now - shareChangedAt >= RECOVERY_MILLISECONDS) {
      share *= 2;
      shareChangedAt = now;
    }
  }

  return {
    rate,
    burst,
    take() {
      refill();
      if (tokens < 1) return false;
      tokens -= 1;
      inFlight += 1;
      return true;
    },
    returned() {
      refill();
      inFlight -= 1;
    },
    tokens() {
      refill();
      return tokens;
    },
    untilToken() {
      refill();
      if (tokens >= 1) return 0;
      if (burst - inFlight < 1) return Number.POSITIVE_INFINITY;
      return Math.ceil(((1 - tokens) / (rate * share)) * 1000);
    },
    slowDown() {
      refill();
      tokens = Math.min(tokens, 0);
      // Calls that left together are throttled together; that is one sign, not many.
      if (share < 1 && clock.now() - shareChangedAt < 1000) return;
      share = Math.max(SMALLEST_SHARE, share / 2);
      shareChangedAt = clock.now();
    },
  };
}
