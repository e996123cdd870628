import { createSecretKey } from 'node:crypto';
import { exportJWK, exportSPKI, generateKeyPair, importJWK, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningApp, startApp } from '../support/app.ts';
import { post, problemIn, startPath, syncPath } from '../support/requests.ts';
import { audience, type Issuer, keys, startIssuer, type TokenOptions } from './issuer.ts';

let issuer: Issuer;
let app: RunningApp;
beforeAll(async () => {
  issuer = await startIssuer();
  // Step Functions cannot be reached: requests here are answered before they need it.
  app = await startApp('http://127.0.0.1:1', issuer.settings);
});
afterAll(async () => {
  await app.close();
  await issuer.close();
});

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
/** What this path is answered with once the token has been accepted: 400, as it is not an ARN. */
const status = (headers: Record<string, string>, url = app.url) =>
  fetch(`${url}/onboarding-status/not-an-arn`, { headers });
const accepted = 400;

const secondsFromNow = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

const good: Record<string, () => TokenOptions> = {
  'with the one scope that is needed': () => ({ claims: { scope: 'onboarding:read' } }),
  "with its resource server's prefix before the scope": () => ({
    claims: { scope: 'openid https://api.example.com/onboarding:read' },
  }),
  'for several audiences': () => ({ claims: { aud: ['https://other.example.com', audience] } }),
  'of Amazon Cognito, which has a client id instead of an audience': () => ({
    claims: { aud: undefined, token_use: 'access', client_id: audience },
  }),
  'without a subject, but with a client id': () => ({
    claims: { sub: undefined, client_id: 'client' },
  }),
  'that expired a moment ago, by clocks that differ': () => ({
    claims: { exp: secondsFromNow(-2) },
  }),
  'that is valid in a moment, by clocks that differ': () => ({
    claims: { nbf: secondsFromNow(2) },
  }),
  'of 8 KB': () => ({ claims: { groups: 'g'.repeat(6000) } }),
};

describe('a token is accepted', () => {
  test.each(Object.entries(good))('%s', async (_what, options) => {
    const token = await issuer.token(options());
    expect((await status(bearer(token))).status).toBe(accepted);
    // From memory this time.
    expect((await status(bearer(token))).status).toBe(accepted);
  });

  test('in a header of any case', async () => {
    const token = await issuer.token();
    expect((await status({ AUTHORIZATION: `bEARER  ${token}` })).status).toBe(accepted);
  });
});

const unsigned = (claims: object) =>
  [{ alg: 'none', typ: 'at+jwt' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
    .concat('.');

async function signedWithThePublicKey(header: object): Promise<string> {
  const secret = createSecretKey(Buffer.from(await exportSPKI(keys.first.publicKey)));
  const claims = { iss: issuer.url, aud: audience, sub: 'a', scope: 'onboarding:read' };
  return new SignJWT({ ...claims, exp: secondsFromNow(60) })
    .setProtectedHeader({ alg: 'HS256', ...header })
    .sign(secret);
}

const bad: Record<string, () => Promise<string> | string> = {
  'that is not one': () => 'token',
  'in parts that are not JSON': () => 'aaaa.bbbb.cccc',
  'of 8 KB that is not one': () => 'x'.repeat(8192),
  'with a signature cut off': async () => (await issuer.token()).replace(/[^.]+$/, ''),
  'with a changed payload': async () => {
    const [header, , signature] = (await issuer.token()).split('.');
    const [, payload] = (await issuer.token({ claims: { sub: 'somebody else' } })).split('.');
    return [header, payload, signature].join('.');
  },
  'with alg none': () =>
    unsigned({ iss: issuer.url, aud: audience, sub: 'a', exp: secondsFromNow(60) }),
  'signed by HS256 with the public key': () => signedWithThePublicKey({ kid: 'first' }),
  'signed by HS256 with the public key, without a kid': () => signedWithThePublicKey({}),
  'of another issuer': () => issuer.token({ claims: { iss: 'https://issuer.example.com' } }),
  'of no issuer': () => issuer.token({ claims: { iss: undefined } }),
  'for another audience': () => issuer.token({ claims: { aud: 'https://other.example.com' } }),
  'for no audience': () => issuer.token({ claims: { aud: undefined } }),
  'for another client of Amazon Cognito': () =>
    issuer.token({ claims: { aud: undefined, token_use: 'access', client_id: 'other' } }),
  'for a client, but not by Amazon Cognito': () =>
    issuer.token({ claims: { aud: undefined, client_id: audience } }),
  'that is an ID token of Amazon Cognito': () => issuer.token({ claims: { token_use: 'id' } }),
  'of nobody': () => issuer.token({ claims: { sub: undefined } }),
  'that expired': () => issuer.token({ claims: { exp: secondsFromNow(-10) } }),
  'that never expires': () => issuer.token({ claims: { exp: undefined } }),
  'that is not valid yet': () => issuer.token({ claims: { nbf: secondsFromNow(60) } }),
  'with a kid that nobody knows': () => issuer.token({ header: { kid: 'unknown' } }),
  'with an algorithm that is not that of its key': async () => {
    const privateKey = await importJWK(await exportJWK(keys.first.privateKey), 'RS512');
    if (!(privateKey instanceof CryptoKey)) throw new TypeError('Not a private key.');
    return issuer.token({ key: { ...keys.first, privateKey, alg: 'RS512' } });
  },
  "with somebody else's key under a known kid": async () => {
    const { privateKey } = await generateKeyPair('RS256');
    return issuer.token({ key: { ...keys.first, privateKey } });
  },
  'with a critical header that nobody knows': () =>
    issuer.token({ header: { crit: ['unknown'], unknown: 1 } }),
};

describe('a token is refused, and nobody is told why', () => {
  test.each(Object.entries(bad))('%s', async (_what, makeToken) => {
    const answer = await status(bearer(await makeToken()));
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe(
      'Bearer realm="api", error="invalid_token"',
    );
    expect(await problemIn(answer)).toMatchObject({
      type: '/problems/unauthorised',
      detail: 'The access token was refused.',
    });
  });

  test('but the log says why', async () => {
    const token = await issuer.token({ claims: { exp: secondsFromNow(-10) } });
    const answer = await status(bearer(token));
    const requestId = answer.headers.get('x-request-id');
    expect(app.log.find((line) => line.requestId === requestId)).toMatchObject({
      problem: 'unauthorised',
      tokenRefused: 'exp',
    });
  });
});

test.each([
  ['no token', {}],
  ['another scheme', { authorization: 'Basic dXNlcjpwYXNzd29yZA==' }],
  ['a scheme alone', { authorization: 'Bearer' }],
])('%s: 401, without an error code', async (_what, headers) => {
  const answer = await status(headers);
  expect(answer.status).toBe(401);
  expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="api"');
  expect((await problemIn(answer)).type).toBe('/problems/unauthorised');
});

test.each<{ scope: unknown }>([
  { scope: 'onboarding:start' },
  { scope: '' },
  { scope: undefined },
  { scope: 'onboarding:reader' },
  { scope: 'xonboarding:read' },
  { scope: ['onboarding:read'] },
])('$scope: 403, which names the scope that is missing', async ({ scope }) => {
  const answer = await status(bearer(await issuer.token({ claims: { scope } })));
  expect(answer.status).toBe(403);
  expect(answer.headers.get('www-authenticate')).toBe(
    'Bearer realm="api", error="insufficient_scope", scope="onboarding:read"',
  );
  expect((await problemIn(answer)).type).toBe('/problems/forbidden');
});

test('with AUTH_SCOPE_PREFIX, scopes of other resource servers do not count', async () => {
  const prefixed = await startApp('http://127.0.0.1:1', {
    ...issuer.settings,
    AUTH_SCOPE_PREFIX: 'https://api.example.com/',
  });
  const statusFor = async (scope: string) => {
    const answer = await status(bearer(await issuer.token({ claims: { scope } })), prefixed.url);
    return [answer.status, answer.headers.get('www-authenticate')];
  };
  expect(await statusFor('https://api.example.com/onboarding:read')).toEqual([accepted, null]);
  const challenge =
    'Bearer realm="api", error="insufficient_scope", scope="https://api.example.com/onboarding:read"';
  expect(await statusFor('https://other.example.com/onboarding:read')).toEqual([403, challenge]);
  expect(await statusFor('onboarding:read')).toEqual([403, challenge]);
  await prefixed.close();
});

test.each([startPath, syncPath])('%s wants the scope onboarding:start', async (path) => {
  const reader = await issuer.token({ claims: { scope: 'onboarding:read' } });
  const starter = await issuer.token({ claims: { scope: 'onboarding:start' } });
  // Before the body is read, whatever it is.
  expect((await post(`${app.url}${path}`, '{', bearer(reader))).status).toBe(403);
  expect((await post(`${app.url}${path}`, '{')).status).toBe(401);
  const { type } = await problemIn(await post(`${app.url}${path}`, '{', bearer(starter)));
  expect(type).toBe('/problems/invalid-json');
});

test('health, the documentation and its UI are open', async () => {
  const paths = ['/health/live', '/docs', '/docs/json', '/openapi.json'];
  for (const path of paths) {
    expect([path, (await fetch(`${app.url}${path}`)).status]).toEqual([path, 200]);
  }
  // 503: Step Functions cannot be reached.
  expect((await fetch(`${app.url}/health/ready`)).status).toBe(503);
});

test('the OpenAPI document says what each route wants', async () => {
  const document = JSON.parse(await (await fetch(`${app.url}/openapi.json`)).text());
  expect(document.components.securitySchemes.accessToken).toMatchObject({
    type: 'http',
    scheme: 'bearer',
  });
  const { paths } = document;
  const start = [{ accessToken: ['onboarding:start'] }];
  expect(paths[startPath].post).toMatchObject({ security: start });
  expect(paths[syncPath].post).toMatchObject({ security: start });
  expect(paths['/onboarding-status/{executionArn}'].get).toMatchObject({
    security: [{ accessToken: ['onboarding:read'] }],
  });
  for (const path of Object.values<Record<string, { responses: object }>>(paths)) {
    for (const { responses } of Object.values(path)) {
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(['401', '403', '429']));
    }
  }
});

test('without AUTH_ISSUER, everybody on this machine may call', async () => {
  const open = await startApp('http://127.0.0.1:1');
  expect((await status({}, open.url)).status).toBe(accepted);
  const document = JSON.parse(await (await fetch(`${open.url}/openapi.json`)).text());
  expect(document.components.securitySchemes).toBeUndefined();
  expect(JSON.stringify(document.paths)).not.toContain('"security"');
  await open.close();
});
