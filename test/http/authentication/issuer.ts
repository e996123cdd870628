import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { exportJWK, generateKeyPair, type JWK, type JWTHeaderParameters, SignJWT } from 'jose';
import { listen } from '../../support/listen.ts';

export const audience = 'https://api.example.com';
const issuedTo = 'service@clients';

const keyPair = await generateKeyPair('RS256', { extractable: true });
const otherKeyPair = await generateKeyPair('ES256', { extractable: true });

/** The first signing key, and the one it is rotated to. */
export const keys = {
  first: { ...keyPair, alg: 'RS256', kid: 'first' },
  second: { ...otherKeyPair, alg: 'ES256', kid: 'second' },
};
export type Key = (typeof keys)['first'];

export async function publicJwk({ publicKey, kid, alg }: Key): Promise<JWK> {
  return { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' };
}

export interface TokenOptions {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Partial<JWTHeaderParameters>;
  readonly key?: Key;
}

/** An issuer of access tokens on a free port, with a discovery document and a JWKS. */
export async function startIssuer() {
  let published: () => Promise<readonly unknown[]> = async () => [await publicJwk(keys.first)];
  let behaviour: RequestListener | undefined;
  let requests = 0;
  const server = createServer(async (request, response) => {
    requests += 1;
    if (behaviour) return behaviour(request, response);
    const body =
      request.url === '/jwks'
        ? { keys: await published() }
        : { issuer: url, jwks_uri: `${url}/jwks` };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  });
  const url = await listen(server);
  return {
    url,
    /** Settings of a service that accepts tokens of this issuer. */
    settings: { AUTH_ISSUER: url, AUTH_AUDIENCE: audience },
    requests: () => requests,
    publish(...newKeys: readonly Key[]) {
      published = () => Promise.all(newKeys.map(publicJwk));
    },
    /** Publishes these JWKs, valid or not. */
    publishJwks(...jwks: readonly unknown[]) {
      published = async () => jwks;
    },
    /** Replaces the behaviour of the server from now on; `undefined` restores it. */
    behave(listener: RequestListener | undefined) {
      behaviour = listener;
    },
    /** A valid token with these changes; a claim that is `undefined` is left out. */
    token({ claims = {}, header = {}, key = keys.first }: TokenOptions = {}): Promise<string> {
      const seconds = Math.floor(Date.now() / 1000);
      return new SignJWT({
        iss: url,
        aud: audience,
        sub: issuedTo,
        iat: seconds,
        exp: seconds + 3600,
        scope: 'onboarding:start onboarding:read',
        ...claims,
      })
        .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header })
        .sign(key.privateKey, { crit: { unknown: true } });
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export type Issuer = Awaited<ReturnType<typeof startIssuer>>;
