import { type CryptoKey, createLocalJWKSet, type JWK } from 'jose';
import { z } from 'zod';
import { algorithms } from './access-token.ts';
import { type AuthenticationSettings, trustworthyUrl } from './settings.ts';

const timeoutMilliseconds = 3000;
const maximumBytes = 262_144;
/** Shorter RSA keys must not be used (RFC 7518, 3.3). */
const minimumRsaBits = 2048;

const discoverySchema = z.object({ issuer: z.string(), jwks_uri: trustworthyUrl });
const jwksSchema = z.object({ keys: z.array(z.unknown()) });
const jwkSchema = z.looseObject({ kty: z.string(), kid: z.string().optional() });

/**
 * Fetches the issuer's JSON Web Key Set (RFC 7517), wherever its discovery document says it is
 * unless it is known. Keys that cannot verify a token, malformed ones among them, are left out
 * (RFC 7517, 5).
 *
 * @throws {Error} what went wrong, for the log: no response, a wrong one, or no usable key
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
  // An empty set withdraws all keys; one of nothing but broken keys is a failure.
  if (usable.length === 0 && keys.length > 0) {
    throw new Error(`None of the ${keys.length} keys at ${url} can verify a token.`);
  }
  return usable;
}

/** Whether jose takes it for any of the algorithms that tokens may be signed with. */
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
  // OpenID Connect Discovery 4.3: otherwise somebody else's document could lend their keys.
  if (discovery.issuer !== issuer) throw new Error('The discovery document is of another issuer.');
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
  // Ignores a byte order mark, unlike Buffer.toString.
  return JSON.parse(new TextDecoder().decode(Buffer.concat(chunks)));
}
