import { type CryptoKey, createLocalJWKSet, type JWK } from 'jose';
import { z } from 'zod';
import { type AuthenticationSettings, secureUrl } from '../settings.ts';
import { algorithms } from './access-token.ts';

const timeoutMilliseconds = 3000;
const maximumBytes = 262_144;
/** Shorter RSA keys must not be used (RFC 7518, 3.3). */
const minimumRsaBits = 2048;

const discoverySchema = z.object({ issuer: z.string(), jwks_uri: secureUrl });
const jwksSchema = z.object({ keys: z.array(z.unknown()) });
const jwkSchema = z.looseObject({ kty: z.string(), kid: z.string().optional() });

/**
 * Fetches the issuer's JSON Web Key Set (RFC 7517) from `jwksUrl`, or from the URL in the issuer's
 * discovery document. Leaves out keys that are malformed or cannot verify a token (RFC 7517, 5).
 *
 * @throws {Error} the request failed, the response is invalid, or no key is usable; for the log
 */
export async function fetchKeys({
  issuer,
  jwksUrl,
}: Pick<AuthenticationSettings, 'issuer' | 'jwksUrl'>): Promise<JWK[]> {
  const signal = AbortSignal.timeout(timeoutMilliseconds);
  const url = jwksUrl ?? (await discoverJwksUrl(issuer, signal));
  const { keys } = jwksSchema.parse(await fetchJson(url, signal));
  const usable: JWK[] = [];
  for (const key of keys) {
    const { data } = jwkSchema.safeParse(key);
    if (data && (await isUsable(data))) usable.push(data);
  }
  // An empty set withdraws all keys. A set with only unusable keys is a failure.
  if (usable.length === 0 && keys.length > 0) {
    throw new Error(`None of the ${keys.length} keys at ${url} can verify a token.`);
  }
  return usable;
}

/** Whether jose accepts the key for any algorithm that tokens may be signed with. */
async function isUsable(jwk: JWK): Promise<boolean> {
  const keySet = createLocalJWKSet({ keys: [jwk] });
  for (const alg of algorithms) {
    const key = await keySet({ alg }).catch(() => undefined);
    if (key) return jwk.kty !== 'RSA' || rsaBits(key) >= minimumRsaBits;
  }
  return false;
}

function rsaBits({ algorithm }: CryptoKey): number {
  return 'modulusLength' in algorithm ? Number(algorithm.modulusLength) : 0;
}

async function discoverJwksUrl(issuer: string, signal: AbortSignal): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const discovery = discoverySchema.parse(await fetchJson(url, signal));
  // OpenID Connect Discovery 4.3: otherwise another issuer's keys could be trusted.
  if (discovery.issuer !== issuer) throw new Error(`${url} names another issuer.`);
  return discovery.jwks_uri;
}

async function fetchJson(url: string, signal: AbortSignal): Promise<unknown> {
  const headers = { accept: 'application/json, application/jwk-set+json' };
  const response = await fetch(url, { signal, headers, redirect: 'manual' });
  if (response.status !== 200 || !response.body) {
    await response.body?.cancel();
    throw new Error(`${url} returned ${response.status}.`);
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.length;
    if (bytes > maximumBytes) throw new Error(`${url} returned more than ${maximumBytes} bytes.`);
    chunks.push(chunk);
  }
  // TextDecoder skips a byte order mark; Buffer.toString does not.
  return JSON.parse(new TextDecoder().decode(Buffer.concat(chunks)));
}
