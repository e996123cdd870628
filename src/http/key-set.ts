import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { fetchKeys } from './fetch-keys.ts';
import type { AuthenticationSettings } from './settings.ts';

/** The issuer's keys cannot be fetched, so a token can be neither accepted nor refused. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

/** Keys are fetched again after this, so that a withdrawn one is not trusted for long. */
const refreshedAfterMilliseconds = 600_000;
/** After a failed fetch, no other one is tried for this long, however many tokens arrive. */
const failureKeptMilliseconds = 5000;
/**
 * A token with an unknown `kid` makes us look again, since an issuer may have published its key
 * just now. Strangers can send such tokens too: so often at once, and then once in the interval.
 */
const lookBurst = 5;
const lookIntervalMilliseconds = 10_000;

/**
 * The issuer's public keys, fetched when first needed. They are kept while the issuer cannot be
 * reached, however long that is: a token that expires limits what an old key can do.
 *
 * @param onFailure called after every failed attempt to fetch them
 * @throws {KeysUnavailable} (the returned function) the key is not known and cannot be fetched
 */
export function createKeySet(
  settings: Pick<AuthenticationSettings, 'issuer' | 'jwksUrl'>,
  onFailure: (error: unknown) => void,
): JWTVerifyGetKey {
  let keys: JWTVerifyGetKey | undefined;
  let fetching: Promise<JWTVerifyGetKey> | undefined;
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let failedAt = Number.NEGATIVE_INFINITY;
  const mayLook = rateOf(lookBurst, lookIntervalMilliseconds);

  async function fetchOnce(): Promise<JWTVerifyGetKey> {
    if (Date.now() < failedAt + failureKeptMilliseconds) throw new KeysUnavailable();
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

  /** One fetch at a time, whose result everybody shares. */
  function refresh(): Promise<JWTVerifyGetKey> {
    fetching ??= fetchOnce().finally(() => {
      fetching = undefined;
    });
    return fetching;
  }

  return async (header, token) => {
    if (keys && Date.now() > fetchedAt + refreshedAfterMilliseconds) {
      refresh().catch(() => undefined);
    }
    const known = keys ?? (await refresh());
    try {
      return await known(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      if (!fetching && !mayLook()) throw error;
      return (await refresh())(header, token);
    }
  };
}

/** Returns whether there is one left: `burst` at once, and one more after each interval. */
function rateOf(burst: number, intervalMilliseconds: number): () => boolean {
  let usedUntil = Number.NEGATIVE_INFINITY;
  return () => {
    const now = Date.now();
    const until = Math.max(usedUntil, now) + intervalMilliseconds;
    if (until > now + burst * intervalMilliseconds) return false;
    usedUntil = until;
    return true;
  };
}
