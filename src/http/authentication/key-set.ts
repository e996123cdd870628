import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import type { AuthenticationSettings } from '../settings.ts';
import { fetchKeys } from './fetch-keys.ts';
import { KeysUnavailable } from './token-errors.ts';

/** Keys are fetched again after this time, so that a withdrawn key is not trusted for long. */
const refreshMilliseconds = 600_000;
/** After a failed fetch, the next attempt waits this long, however many tokens arrive. */
const retryDelayMilliseconds = 5000;
/**
 * A token with an unknown `kid` triggers a fetch, since the issuer may have just published the key.
 * Anybody can send such tokens, so these fetches are limited: a burst, then one per interval.
 */
const unknownKeyBurst = 5;
const unknownKeyIntervalMilliseconds = 10_000;

/**
 * Returns a function that looks up the issuer's public keys, which are fetched on first use. The
 * keys stay in use while the issuer is unreachable, however long that is: tokens expire, which
 * limits what an old key can do.
 *
 * @param onFailure called after every failed fetch
 * @throws {KeysUnavailable} (the returned function) the key is unknown and cannot be fetched
 */
export function createKeySet(
  settings: Pick<AuthenticationSettings, 'issuer' | 'jwksUrl'>,
  onFailure: (error: unknown) => void,
): JWTVerifyGetKey {
  let keys: JWTVerifyGetKey | undefined;
  let fetching: Promise<JWTVerifyGetKey> | undefined;
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let failedAt = Number.NEGATIVE_INFINITY;
  const mayFetchUnknownKey = rateLimiter(unknownKeyBurst, unknownKeyIntervalMilliseconds);

  async function fetchOnce(): Promise<JWTVerifyGetKey> {
    if (Date.now() < failedAt + retryDelayMilliseconds) throw new KeysUnavailable();
    fetchedAt = Date.now();
    try {
      keys = createLocalJWKSet({ keys: await fetchKeys(settings) });
      return keys;
    } catch (cause) {
      failedAt = Date.now();
      onFailure(cause);
      throw new KeysUnavailable(undefined, { cause });
    }
  }

  /** Concurrent callers share one fetch. */
  function refresh(): Promise<JWTVerifyGetKey> {
    fetching ??= fetchOnce().finally(() => {
      fetching = undefined;
    });
    return fetching;
  }

  return async (header, token) => {
    if (keys && Date.now() > fetchedAt + refreshMilliseconds) {
      refresh().catch(() => undefined);
    }
    const known = keys ?? (await refresh());
    try {
      return await known(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      if (!fetching && !mayFetchUnknownKey()) throw error;
      return (await refresh())(header, token);
    }
  };
}

/** Returns a function that allows `burst` calls at once, and one more after each interval. */
function rateLimiter(burst: number, intervalMilliseconds: number): () => boolean {
  let usedUntil = Number.NEGATIVE_INFINITY;
  return () => {
    const now = Date.now();
    const until = Math.max(usedUntil, now) + intervalMilliseconds;
    if (until > now + burst * intervalMilliseconds) return false;
    usedUntil = until;
    return true;
  };
}
