import { hash } from 'node:crypto';
import {
  type CryptoKey,
  errors,
  type JWTVerifyGetKey,
  type JWTVerifyResult,
  jwtVerify,
} from 'jose';
import { LRUCache } from 'lru-cache';
import type { AuthenticationSettings } from '../settings.ts';
import { isForAudience, scopesOf, subjectOf, whyNotAccessToken } from './token-claims.ts';
import { InvalidToken } from './token-errors.ts';

/** The claims of a verified access token that the service uses. */
export interface AccessToken {
  /** The token's issuer and subject as JSON: the same string for every token of one caller. */
  readonly caller: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly scopes: readonly string[];
}

/** Asymmetric algorithms only: a shared secret that verifies tokens can also forge them. */
export const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
/** Allows for clock skew between the issuer and this process. */
const clockToleranceSeconds = 5;
/** Callers reuse their tokens, and each verification takes CPU time. */
const cacheMilliseconds = 60_000;
const cacheMaxTokens = 10_000;

/**
 * Returns a function that verifies access tokens as defined by RFC 9068 and as issued by Amazon
 * Cognito, Okta, Microsoft Entra, Auth0 and Keycloak.
 *
 * @throws {InvalidToken} (the returned function)
 * @throws {KeysUnavailable} (the returned function)
 */
export function createTokenVerifier(
  {
    issuer,
    audiences,
    scopeClaim,
  }: Pick<AuthenticationSettings, 'issuer' | 'audiences' | 'scopeClaim'>,
  keys: JWTVerifyGetKey,
): (token: string) => Promise<AccessToken> {
  // Keyed by digest, so that no tokens stay in memory.
  const verified = new LRUCache<string, { token: AccessToken; until: number }>({
    max: cacheMaxTokens,
  });
  return async (text) => {
    const digest = hash('sha256', text, 'base64');
    const cached = verified.get(digest);
    if (cached && Date.now() < cached.until) return cached.token;
    const { protectedHeader, payload } = await verify(text, issuer, keys);
    const reason = whyNotAccessToken(protectedHeader.typ, payload);
    if (reason !== undefined) throw new InvalidToken(reason);
    if (!isForAudience(payload, audiences)) throw new InvalidToken('audience');
    const subject = subjectOf(payload);
    if (subject === undefined) throw new InvalidToken('no subject');
    const caller = JSON.stringify([issuer, subject]);
    const expiresAt = ((payload.exp ?? 0) + clockToleranceSeconds) * 1000;
    const token = { caller, expiresAt, scopes: scopesOf(payload, scopeClaim) };
    const until = Math.min(expiresAt, Date.now() + cacheMilliseconds);
    verified.set(digest, { token, until });
    return token;
  };
}

async function verify(text: string, issuer: string, keys: JWTVerifyGetKey) {
  const options = {
    algorithms,
    issuer,
    clockTolerance: clockToleranceSeconds,
    requiredClaims: ['exp'],
  };
  try {
    return await jwtVerify(text, keys, options).catch((error: unknown) => {
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
      return verifyWithAnyOf(error, (key) => jwtVerify(text, key, options));
    });
  } catch (error) {
    if (error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired) {
      throw new InvalidToken(error.claim);
    }
    if (error instanceof errors.JOSEError) throw new InvalidToken(error.code);
    // jose throws this when the key does not fit the algorithm that the token names.
    if (error instanceof TypeError) throw new InvalidToken(error.name);
    throw error;
  }
}

/** Several keys can match: keys may share a `kid` (RFC 7517, 4.5), and a token may have no `kid`. */
async function verifyWithAnyOf(
  keys: AsyncIterable<CryptoKey>,
  verifyWith: (key: CryptoKey) => Promise<JWTVerifyResult>,
): Promise<JWTVerifyResult> {
  for await (const key of keys) {
    try {
      return await verifyWith(key);
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
    }
  }
  throw new errors.JWSSignatureVerificationFailed();
}
