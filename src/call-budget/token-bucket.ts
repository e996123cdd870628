import type { Clock } from '../clock.ts';

/** After AWS has throttled a call, the refill rate is halved. It doubles again after this time. */
const recoveryMilliseconds = 10_000;
const smallestShare = 1 / 16;

/** Limits the calls of one AWS operation: `burst` calls at once, `rate` more each second. */
export interface TokenBucket {
  readonly rate: number;
  readonly burst: number;
  /** Takes the token for one call. Returns false if there is none. */
  take(): boolean;
  /** Call this once for every token taken, when its call has ended. */
  release(): void;
  tokens(): number;
  /** Milliseconds until there is a token; Infinity while `burst` calls are in flight. */
  millisecondsToToken(): number;
  /** Call this when AWS throttles a call: others use the same quota. */
  slowDown(): void;
}

/**
 * A token bucket that never exceeds AWS's own bucket of the same size and refill rate, whatever the
 * network latency. AWS counts a call when it arrives, which can be at any time until its response.
 * So a call in flight keeps its place in the bucket. If the bucket were refilled at once, a slow
 * call could arrive together with a full burst after it, which is one call more than AWS allows.
 *
 * @param options.rate tokens per second
 * @param options.burst the maximum of tokens, and of calls in flight
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
    if (share < 1 && now - shareChangedAt >= recoveryMilliseconds) {
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
    release() {
      refill();
      inFlight -= 1;
    },
    tokens() {
      refill();
      return tokens;
    },
    millisecondsToToken() {
      refill();
      if (tokens >= 1) return 0;
      if (burst - inFlight < 1) return Number.POSITIVE_INFINITY;
      return Math.ceil(((1 - tokens) / (rate * share)) * 1000);
    },
    slowDown() {
      refill();
      tokens = Math.min(tokens, 0);
      // Calls that were sent together are throttled together, so slow down once for all of them.
      if (share < 1 && clock.now() - shareChangedAt < 1000) return;
      share = Math.max(smallestShare, share / 2);
      shareChangedAt = clock.now();
    },
  };
}
