import { createLocalJWKSet, createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import type { AuthenticationSettings } from './settings.ts';

/** The issuer's keys cannot be had, so that nothing can be said of a token. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

const timeoutMilliseconds = 3000;
const maximumBytes = 262_144;
/** Keys are asked for again after this, so that one that was withdrawn is not trusted for long. */
const refreshedAfterMilliseconds = 600_000;
/** A key that is not in the set makes us ask again, but not more often than this. */
const cooldownMilliseconds = 30_000;
/** A failure is answered from memory for this long, however many tokens arrive meanwhile. */
const failureKeptMilliseconds = 5000;

const discoverySchema = z.object({ issuer: z.string(), jwks_uri: z.url() });
const jwksSchema = z.object({
  keys: z.array(z.looseObject({ kty: z.string(), kid: z.string().optional() })),
});

/**
 * The issuer's public keys, fetched when first needed. They are kept while the issuer cannot be
 * reached, however long that is: a token that expires limits what an old key can do.
 *
 * @param onFailure hears of every failed attempt to fetch them
 * @throws {KeysUnavailable} (the returned function) there are none, or not the one that is wanted,
 *   and they cannot be fetched
 */
export function createKeySet(
  { issuer, jwksUrl }: Pick<AuthenticationSettings, 'issuer' | 'jwksUrl'>,
  onFailure: (error: unknown) => void,
): JWTVerifyGetKey {
  const source = new URL(jwksUrl ?? discoveryUrl(issuer));
  let failedAt = Number.NEGATIVE_INFINITY;
  let askedAt = Number.NEGATIVE_INFINITY;

  async function fetchKeys(_url: string, init: RequestInit): Promise<Response> {
    if (Date.now() < failedAt + failureKeptMilliseconds) throw new KeysUnavailable();
    askedAt = Date.now();
    try {
      let url: string | URL = source;
      if (jwksUrl === undefined) {
        const discovery = discoverySchema.parse(await fetchJson(source, init));
        // OpenID Connect Discovery 4.3: otherwise somebody else's document could lend their keys.
        if (discovery.issuer !== issuer)
          throw new Error('The discovery document is of another issuer.');
        url = discovery.jwks_uri;
      }
      const jwks = jwksSchema.parse(await fetchJson(url, init));
      createLocalJWKSet(jwks);
      return Response.json(jwks);
    } catch (cause) {
      failedAt = Date.now();
      onFailure(cause);
      throw new KeysUnavailable(undefined, { cause });
    }
  }

  const keys = createRemoteJWKSet(source, {
    timeoutDuration: timeoutMilliseconds,
    cooldownDuration: cooldownMilliseconds,
    // jose would forget keys that it cannot renew; they are renewed below.
    cacheMaxAge: Number.POSITIVE_INFINITY,
    [customFetch]: fetchKeys,
  });
  return (header, token) => {
    if (keys.jwks() && !keys.reloading && Date.now() > askedAt + refreshedAfterMilliseconds) {
      keys.reload().catch(() => undefined);
    }
    return keys(header, token);
  };
}

function discoveryUrl(issuer: string): string {
  return `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
}

async function fetchJson(url: string | URL, init: RequestInit): Promise<unknown> {
  const response = await fetch(url, init);
  if (response.status !== 200 || !response.body) {
    await response.body?.cancel();
    throw new Error(`${url} answered ${response.status}.`);
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.length;
    if (bytes > maximumBytes) throw new Error(`${url} answered more than ${maximumBytes} bytes.`);
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString());
}
