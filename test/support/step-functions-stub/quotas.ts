/** A token bucket as AWS has one for each operation: `burst` calls at once, `rate` a second. */
export interface Quota {
  readonly burst: number;
  readonly rate: number;
}

/** Returns a function that counts a call and says whether it is within the quota of its operation. */
export function createQuotas(quotas: Readonly<Record<string, Quota | undefined>>) {
  const buckets = new Map(
    Object.entries(quotas).flatMap(([operation, quota]) =>
      quota ? [[operation, { quota, tokens: quota.burst, filledAt: performance.now() }]] : [],
    ),
  );
  return (operation: string): boolean => {
    const bucket = buckets.get(operation);
    if (!bucket) return true;
    const { burst, rate } = bucket.quota;
    const now = performance.now();
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.filledAt) * rate) / 1000);
    bucket.filledAt = now;
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  };
}
