import { hash, randomUUID } from 'node:crypto';
import type { FastifyRateLimitStore } from '@fastify/rate-limit';

interface Counter {
  current: number;
  readonly endsAt: number;
}

/** Some 15 MB. */
const countersMax = 100_000;
const sharedMax = 1024;

/**
 * Counts requests of each key in a window that begins with its first one. Nothing is forgotten
 * before its window ends, however many other keys come: once there are too many, new ones share a
 * fixed number of counters. Which ones share is not for callers to predict.
 *
 * A class, because the plugin constructs it.
 */
export class RateLimitStore implements FastifyRateLimitStore {
  // All windows are of one length, so the first to begin is the first to end.
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
    const isFull = this.#counters.size >= countersMax;
    const slot = isFull ? this.#sharedSlot(key) : key;
    const counter = this.#counters.get(slot) ?? { current: 0, endsAt };
    this.#counters.set(slot, counter);
    return counter;
  }

  #sharedSlot(key: string): string {
    const digest = hash('sha256', `${this.#seed} ${key}`, 'buffer');
    return `shared ${digest.readUInt32BE() % sharedMax}`;
  }
}
