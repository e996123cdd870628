/** The percentile of the values, `share` being from 0 to 1; NaN without values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** From the arrival of an execution's end to each report of it, milliseconds. */
export function delaysAfter(
  arrivals: ReadonlyMap<number, number> | undefined,
  reports: readonly { readonly index: number; readonly at: number }[],
): number[] {
  return reports.flatMap(({ index, at }) => {
    const arrivedAt = arrivals?.get(index);
    return arrivedAt === undefined ? [] : [at - arrivedAt];
  });
}
