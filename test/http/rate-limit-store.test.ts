import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RateLimitStore } from '../../src/http/rate-limit-store.ts';

const minute = 60_000;
let store: RateLimitStore;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  store = new RateLimitStore();
});
afterEach(() => vi.useRealTimers());

function count(key: string) {
  const results: { current: number; ttl: number }[] = [];
  store.incr(key, (_error, result) => results.push(result), minute);
  return results[0];
}

test('each key has its own one-minute window, from its first request', () => {
  expect(count('one')).toEqual({ current: 1, ttl: minute });
  vi.advanceTimersByTime(20_000);
  expect(count('one')).toEqual({ current: 2, ttl: 40_000 });
  expect(count('two')).toEqual({ current: 1, ttl: minute });
  vi.advanceTimersByTime(40_000);
  expect(count('one')).toEqual({ current: 1, ttl: minute });
  expect(count('two')).toEqual({ current: 2, ttl: 20_000 });
});

test('keys keep their counters among 300,000 others; the latest keys share counters', () => {
  const first = Array.from({ length: 1000 }, (_, index) => `first ${index}`);
  for (const key of first) count(key);
  for (let i = 0; i < 300_000; i += 1) count(`other ${i}`);
  expect(new Set(first.map((key) => count(key)?.current))).toEqual(new Set([2]));
  // Shared counters also count until the end of their window.
  const late = count('late')?.current ?? 0;
  expect(late).toBeGreaterThan(1);
  expect(late).toBeLessThan(1000);
  expect(count('late')?.current).toBe(late + 1);
  vi.advanceTimersByTime(minute);
  expect(count('late')).toEqual({ current: 1, ttl: minute });
});
