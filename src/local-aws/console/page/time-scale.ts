/** A shorter gap between events counts as work rather than idle time. */
const idleMilliseconds = 1000;
/** A gap with a larger share of the total time counts as idle time. */
const longestShare = 0.25;

export interface TimeScale {
  /** From 0 to 1. */
  position(epochMilliseconds: number): number;
  /** Whether idle time is drawn shorter than it was. */
  readonly isFolded: boolean;
}

/**
 * Maps times to positions on a line, so that work stays visible beside long waits: a gap without an
 * event takes no more room than all the other time together.
 *
 * @param moments the epoch milliseconds of all events, without duplicates and in ascending order
 * @param end the epoch milliseconds of the end, or of the present
 */
export function createScale(moments: readonly number[], end: number): TimeScale {
  const times = end > (moments.at(-1) ?? 0) ? [...moments, end] : moments;
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const total = gaps.reduce((sum, gap) => sum + gap, 0);
  const longest = gaps.reduce((longest, gap) => Math.max(longest, gap), 1);
  const isFolded = gaps.length > 3 && longest > total / 2 && longest > idleMilliseconds;
  const rest = gaps.filter((gap) => gap <= total * longestShare).reduce((sum, gap) => sum + gap, 0);
  const limit = isFolded ? Math.max(1, rest, total * 0.002) : Number.POSITIVE_INFINITY;
  const drawn = gaps.map((gap) => Math.min(gap, limit));
  const whole = Math.max(
    1,
    drawn.reduce((sum, gap) => sum + gap, 0),
  );
  const starts = [0];
  for (const [index, gap] of drawn.entries()) starts.push((starts[index] ?? 0) + gap);

  return {
    isFolded,
    position(moment) {
      const index = Math.max(0, lastAtMost(times, moment));
      const gap = gaps[index] ?? 0;
      const share = gap === 0 ? 0 : Math.min(1, (moment - (times[index] ?? 0)) / gap);
      return Math.min(1, ((starts[index] ?? 0) + share * (drawn[index] ?? 0)) / whole);
    },
  };
}

/** Returns moments without duplicates and in ascending order. */
export function inOrder(moments: readonly number[]): readonly number[] {
  const sorted = Float64Array.from(moments).sort();
  return [...sorted.filter((moment, index) => moment !== sorted[index - 1])];
}

function lastAtMost(sorted: readonly number[], wanted: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
