import { hash, randomUUID } from 'node:crypto';
import type { FastifyRateLimitStore } from '@fastify/rate-limit';

interface Counter {
  current: number;
  readonly endsAt: number;
}

/** Bounds the memory of the counters. */
const maxCounters = 100_000;
const maxSharedCounters = 1024;

/**
 * Counts the requests of each key in a window that starts with its first request. No counter is
 * evicted before its window ends: beyond 100,000 keys, new keys share a fixed number of counters.
 * Callers cannot predict which keys share one, because the hash is seeded.
 *
 * A class, because the plugin constructs it.
 */
export class RateLimitStore implements FastifyRateLimitStore {
  // All windows have the same length, so insertion order is the order in which they end.
  readonly #counters = new Map<string, Counter>();
  readonly #seed = randomUUID();

  incr(
    key: string,
    callback: (error: Error | null, result: { current: number; ttl: number }) => void,
    windowMilliseconds: number,
  ): void {
    const now = performance.now();
    this.#forgetEnded(now);
    const counter = this.#counterOf(key, now + windowMilliseconds);
    counter.current += 1;
    callback(null, { current: counter.current, ttl: counter.endsAt - now });
  }

  child(): this {
    return this;
  }

  #forgetEnded(now: number): void {
    for (const [key, { endsAt }] of this.#counters) {
      if (endsAt > now) return;
      this.#counters.delete(key);
    }
  }

  #counterOf(key: string, endsAt: number): Counter {
    const known = this.#counters.get(key);
    if (known) return known;
    const isFull = this.#counters.size >= maxCounters;
    const slot = isFull ? this.#sharedSlot(key) : key;
    const counter = this.#counters.get(slot) ?? { current: 0, endsAt };
    this.#counters.set(slot, counter);
    return counter;
  }

  #sharedSlot(key: string): string {
    const digest = hash('sha256', `${this.#seed} ${key}`, 'buffer');
    return `shared ${digest.readUInt32BE() % maxSharedCounters}`;
  }
}
