import { hash } from 'node:crypto';
import {
  type CryptoKey,
  errors,
  type JWTVerifyGetKey,
  type JWTVerifyResult,
  jwtVerify,
} from 'jose';
import { LRUCache } from 'lru-cache';
import type { AuthenticationSettings } from './settings.ts';
import { isForAudience, scopesOf, subjectOf, whyNotAccessToken } from './token-claims.ts';

/** What a verified access token says. */
export interface AccessToken {
  /** The issuer and its subject, as a string that is the same for every call. */
  readonly caller: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly scopes: readonly string[];
}

/** A token that is not accepted; `reason` is for the log and holds nothing of the token. */
export class InvalidToken extends Error {
  override readonly name = 'InvalidToken';
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}

/** Asymmetric ones only: whoever can verify with a shared secret can also forge. */
export const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
/** Clocks differ. */
const toleranceSeconds = 5;
/** Verifying costs 110 µs of CPU and more (RS256, measured), and callers use a token many times. */
const verifiedKeptMilliseconds = 60_000;
const verifiedMax = 10_000;

/**
 * Verifies access tokens: RFC 9068, and those of Amazon Cognito, Okta, Microsoft Entra, Auth0 and
 * Keycloak.
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
  // By digest, so that the memory of this process holds no tokens.
  const verified = new LRUCache<string, { token: AccessToken; until: number }>({
    max: verifiedMax,
  });
  return async (text) => {
    const digest = hash('sha256', text, 'base64');
    const known = verified.get(digest);
    if (known && Date.now() < known.until) return known.token;
    const { protectedHeader, payload } = await verify(text, issuer, keys);
    const reason = whyNotAccessToken(protectedHeader.typ, payload);
    if (reason !== undefined) throw new InvalidToken(reason);
    if (!isForAudience(payload, audiences)) throw new InvalidToken('audience');
    const subject = subjectOf(payload);
    if (subject === undefined) throw new InvalidToken('no subject');
    const caller = JSON.stringify([issuer, subject]);
    const expiresAt = ((payload.exp ?? 0) + toleranceSeconds) * 1000;
    const token = { caller, expiresAt, scopes: scopesOf(payload, scopeClaim) };
    const until = Math.min(expiresAt, Date.now() + verifiedKeptMilliseconds);
    verified.set(digest, { token, until });
    return token;
  };
}

async function verify(text: string, issuer: string, keys: JWTVerifyGetKey) {
  const options = {
    algorithms,
    issuer,
    clockTolerance: toleranceSeconds,
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
    // The key does not fit the algorithm, which the token may have chosen.
    if (error instanceof TypeError) throw new InvalidToken(error.name);
    throw error;
  }
}

/** Keys may share a `kid` (RFC 7517, 4.5), and a token may name none. */
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
