import { hash } from 'node:crypto';
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import type { AuthenticationSettings } from './settings.ts';

/** What an access token says that was found to be good. */
export interface AccessToken {
  /** Who calls: the issuer and its subject, as a text that is the same at every call. */
  readonly caller: string;
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

/** All that are asymmetric: with a shared secret, whoever can verify can also forge. */
const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
/** Clocks differ. */
const toleranceSeconds = 5;
/** Verifying costs 110 µs of CPU and more (RS256, measured), and callers use a token many times. */
const verifiedKeptMilliseconds = 60_000;
const verifiedMax = 10_000;

/**
 * Verifies access tokens (RFC 9068, and those of Amazon Cognito).
 *
 * @throws {InvalidToken} (the returned function)
 * @throws {KeysUnavailable}
 */
export function createTokenVerifier(
  { issuer, audiences }: Pick<AuthenticationSettings, 'issuer' | 'audiences'>,
  keys: JWTVerifyGetKey,
): (token: string) => Promise<AccessToken> {
  // By a digest, so that the memory of this process holds no tokens.
  const verified = new LRUCache<string, { token: AccessToken; until: number }>({
    max: verifiedMax,
  });
  return async (text) => {
    const digest = hash('sha256', text, 'base64');
    const known = verified.get(digest);
    if (known && Date.now() < known.until) return known.token;
    const claims = await verify(text, issuer, keys);
    if (!isMeantFor(claims, audiences)) throw new InvalidToken('audience');
    const subject = claims.sub ?? claims.client_id;
    if (typeof subject !== 'string') throw new InvalidToken('no subject');
    const scope = typeof claims.scope === 'string' ? claims.scope : '';
    const token = { caller: JSON.stringify([issuer, subject]), scopes: scope.split(' ') };
    const expiry = ((claims.exp ?? 0) + toleranceSeconds) * 1000;
    verified.set(digest, { token, until: Math.min(expiry, Date.now() + verifiedKeptMilliseconds) });
    return token;
  };
}

async function verify(text: string, issuer: string, keys: JWTVerifyGetKey): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(text, keys, {
      algorithms,
      issuer,
      clockTolerance: toleranceSeconds,
      requiredClaims: ['exp'],
    });
    return payload;
  } catch (error) {
    if (error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired) {
      throw new InvalidToken(error.claim);
    }
    if (error instanceof errors.JOSEError) throw new InvalidToken(error.code);
    // A key that this algorithm cannot be used with, which the token may have chosen.
    if (error instanceof TypeError) throw new InvalidToken(error.name);
    throw error;
  }
}

/**
 * Cognito's access tokens have no `aud` but the app client's id; its ID tokens, which are for the
 * client alone, are told apart by `token_use`. See "Understanding the access token" in the Amazon
 * Cognito developer guide.
 */
function isMeantFor(claims: JWTPayload, audiences: readonly string[]): boolean {
  const { aud, token_use: use, client_id: client } = claims;
  if (use !== undefined && use !== 'access') return false;
  if (aud !== undefined) return [aud].flat().some((each) => audiences.includes(each));
  return use === 'access' && typeof client === 'string' && audiences.includes(client);
}
