import { expect, it } from 'vitest';
import { createTokenBucket } from '../../src/call-budget/token-bucket.ts';
import { createVirtualClock } from '../execution-statuses/virtual-clock.ts';

function takeAll(bucket: ReturnType<typeof createTokenBucket>): number {
  let taken = 0;
  while (bucket.take()) taken += 1;
  return taken;
}

function returnAll(bucket: ReturnType<typeof createTokenBucket>, calls: number): void {
  for (let i = 0; i < calls; i += 1) bucket.release();
}

it('allows its burst at once, then its rate, and never saves more than its burst', async () => {
  const clock = createVirtualClock();
  const bucket = createTokenBucket({ rate: 10, burst: 50, clock });

  expect(takeAll(bucket)).toBe(50);
  returnAll(bucket, 50);
  expect(bucket.millisecondsToToken()).toBe(100);
  await clock.advance(1000);
  expect(takeAll(bucket)).toBe(10);
  returnAll(bucket, 10);
  await clock.advance(3_600_000);
  expect(takeAll(bucket)).toBe(50);
});

it('reserves the token of a call in flight, which AWS may not have counted yet', async () => {
  const clock = createVirtualClock();
  const bucket = createTokenBucket({ rate: 10, burst: 50, clock });
  bucket.take();
  await clock.advance(10_000);

  expect(takeAll(bucket)).toBe(49);
  expect(bucket.millisecondsToToken()).toBe(Number.POSITIVE_INFINITY);
  returnAll(bucket, 50);
  expect(bucket.millisecondsToToken()).toBe(100);
});

it('halves its rate when AWS throttles, once for calls throttled together, and recovers', async () => {
  const clock = createVirtualClock();
  const bucket = createTokenBucket({ rate: 16, burst: 100, clock });
  const takenIn = async (milliseconds: number) => {
    await clock.advance(milliseconds);
    const taken = takeAll(bucket);
    returnAll(bucket, taken);
    return taken;
  };

  for (let i = 0; i < 20; i += 1) bucket.slowDown();
  expect(takeAll(bucket)).toBe(0);
  expect(await takenIn(1000)).toBe(8);
  bucket.slowDown();
  expect(await takenIn(1000)).toBe(4);
  await takenIn(10_000);
  expect(await takenIn(1000)).toBe(8);
  await takenIn(10_000);
  expect(await takenIn(1000)).toBe(16);
});
