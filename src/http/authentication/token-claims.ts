import type { JWTPayload } from 'jose';

/** Claims of ID tokens (OpenID Connect Core 1.0, 3.3.2.11; FAPI) and security events (RFC 8417). */
const foreignClaims = ['at_hash', 'c_hash', 's_hash', 'events'];
/** Values of the claim `typ` in Keycloak's other kinds of tokens. */
const foreignKinds: readonly unknown[] = ['ID', 'Refresh', 'Offline', 'Logout'];

/**
 * Returns the claim or header parameter that shows that a JWT is not an access token, or `undefined`
 * for an access token. Issuers sign ID tokens, logout tokens and others with the same keys, some of
 * them for the same audience.
 */
export function whyNotAccessToken(type: unknown, claims: JWTPayload): string | undefined {
  // RFC 9068 requires `at+jwt`, but most issuers send `JWT` or nothing. Media types ignore case, and
  // `application/` may be omitted (RFC 7515, 4.1.9).
  const isTyped = typeof type === 'string' && /^(?:application\/)?(?:at\+)?jwt$/i.test(type);
  if (type !== undefined && !isTyped) return 'typ';
  const { token_use: use, typ: kind, nonce } = claims;
  // See "Understanding the access token" in the Amazon Cognito developer guide.
  if (use !== undefined && use !== 'access') return 'token_use';
  if (foreignKinds.includes(kind)) return 'typ';
  // A nonce belongs in ID tokens. Keycloak before 25 also copies it to access tokens, which have a
  // scope.
  if (nonce !== undefined && scopesOf(claims, undefined).length === 0) return 'nonce';
  return foreignClaims.find((name) => claims[name] !== undefined);
}

/** Amazon Cognito's access tokens have `client_id`, the id of the app client, instead of `aud`. */
export function isForAudience(claims: JWTPayload, audiences: readonly string[]): boolean {
  const { aud, token_use: use, client_id: client } = claims;
  if (aud !== undefined) return [aud].flat().some((each) => audiences.includes(each));
  return use === 'access' && typeof client === 'string' && audiences.includes(client);
}

export function subjectOf({ sub, client_id: client }: JWTPayload): string | undefined {
  const subject: unknown = sub ?? client;
  return typeof subject === 'string' ? subject : undefined;
}

/**
 * Returns the scopes in `scope` (RFC 9068) and `scp` (Okta, Microsoft Entra), or in `claim` instead.
 * A string is a list separated by spaces. An item of an array is one scope, spaces included.
 */
export function scopesOf(claims: JWTPayload, claim: string | undefined): string[] {
  const names = claim === undefined ? ['scope', 'scp'] : [claim];
  return names.flatMap((name) => {
    const value = claims[name];
    if (typeof value === 'string') return value.split(' ').filter((scope) => scope !== '');
    return Array.isArray(value) ? value.filter((scope) => typeof scope === 'string') : [];
  });
}
