import { createSecretKey } from 'node:crypto';
import { exportJWK, exportSPKI, generateKeyPair, importJWK, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningApp, startApp } from '../../support/app.ts';
import { post, problemIn, startPath, syncPath } from '../../support/requests.ts';
import { audience, type Issuer, keys, startIssuer, type TokenOptions } from './issuer.ts';

let issuer: Issuer;
let app: RunningApp;
beforeAll(async () => {
  issuer = await startIssuer();
  // No request here gets as far as Step Functions.
  app = await startApp('http://127.0.0.1:1', issuer.settings);
});
afterAll(async () => {
  await app.close();
  await issuer.close();
});

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
/** Responds `accepted`, as the path has no ARN, if the token is accepted. */
const status = (headers: Record<string, string>, url = app.url) =>
  fetch(`${url}/onboarding-status/not-an-arn`, { headers });
const accepted = 400;

const secondsFromNow = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

const good: Record<string, () => TokenOptions> = {
  'with only the required scope': () => ({ claims: { scope: 'onboarding:read' } }),
  'with the prefix of its resource server before the scope': () => ({
    claims: { scope: 'openid https://api.example.com/onboarding:read' },
  }),
  'for several audiences': () => ({ claims: { aud: ['https://other.example.com', audience] } }),
  'from Amazon Cognito, with a client id instead of an audience': () => ({
    claims: { aud: undefined, token_use: 'access', client_id: audience },
  }),
  'without a subject, but with a client id': () => ({
    claims: { sub: undefined, client_id: 'client' },
  }),
  'that expired 2 s ago, as clocks may differ': () => ({
    claims: { exp: secondsFromNow(-2) },
  }),
  'that is valid 2 s from now, as clocks may differ': () => ({
    claims: { nbf: secondsFromNow(2) },
  }),
  'typed application/at+jwt': () => ({ header: { typ: 'application/at+jwt' } }),
  'typed AT+JWT': () => ({ header: { typ: 'AT+JWT' } }),
  'typed JWT': () => ({ header: { typ: 'JWT' } }),
  'typed application/jwt': () => ({ header: { typ: 'application/jwt' } }),
  'without a type': () => ({ header: { typ: undefined } }),
  'from Keycloak, with the claim typ Bearer': () => ({
    header: { typ: 'JWT' },
    claims: { typ: 'Bearer' },
  }),
  'from an older Keycloak, with a nonce': () => ({
    header: { typ: 'JWT' },
    claims: { typ: 'Bearer', nonce: 'n-0S6_WzA2Mj' },
  }),
  'with its scopes as an array': () => ({ claims: { scope: ['openid', 'onboarding:read'] } }),
  'with its scopes in scp (Microsoft Entra)': () => ({
    claims: { scope: undefined, scp: 'openid onboarding:read' },
  }),
  'with its scopes as an array in scp (Okta)': () => ({
    claims: { scope: undefined, scp: ['openid', 'onboarding:read'] },
  }),
  'with the scope in scp although scope has others': () => ({
    claims: { scope: 'openid', scp: ['onboarding:read'] },
  }),
  'of 8 KB': () => ({ claims: { groups: 'g'.repeat(6000) } }),
};

describe('a token is accepted when it is', () => {
  test.each(Object.entries(good))('%s', async (_what, options) => {
    const token = await issuer.token(options());
    expect((await status(bearer(token))).status).toBe(accepted);
    // From the cache this time.
    expect((await status(bearer(token))).status).toBe(accepted);
  });

  test('in a header and scheme of any case', async () => {
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
  'that is not a JWT': () => 'token',
  'in parts that are not JSON': () => 'aaaa.bbbb.cccc',
  'of 8 KB that is not a JWT': () => 'x'.repeat(8192),
  'without its signature': async () => (await issuer.token()).replace(/[^.]+$/, ''),
  'with a changed payload': async () => {
    const [header, , signature] = (await issuer.token()).split('.');
    const [, payload] = (await issuer.token({ claims: { sub: 'somebody else' } })).split('.');
    return [header, payload, signature].join('.');
  },
  'with alg none': () =>
    unsigned({ iss: issuer.url, aud: audience, sub: 'a', exp: secondsFromNow(60) }),
  'signed by HS256 with the public key': () => signedWithThePublicKey({ kid: 'first' }),
  'signed by HS256 with the public key, without a kid': () => signedWithThePublicKey({}),
  'from another issuer': () => issuer.token({ claims: { iss: 'https://issuer.example.com' } }),
  'without an issuer': () => issuer.token({ claims: { iss: undefined } }),
  'for another audience': () => issuer.token({ claims: { aud: 'https://other.example.com' } }),
  'without an audience': () => issuer.token({ claims: { aud: undefined } }),
  'for another client of Amazon Cognito': () =>
    issuer.token({ claims: { aud: undefined, token_use: 'access', client_id: 'other' } }),
  'for a client id, but not from Amazon Cognito': () =>
    issuer.token({ claims: { aud: undefined, client_id: audience } }),
  'that is an ID token of Amazon Cognito': () => issuer.token({ claims: { token_use: 'id' } }),
  ...Object.fromEntries(
    [
      ...['logout+jwt', 'dpop+jwt', 'id_token', 'id_token+jwt', 'secevent+jwt', 'rt+jwt'],
      ...['application/logout+jwt', 'token-introspection+jwt', 'text/jwt', 'at+jwt+', '', 'JWE'],
    ].map((typ) => [
      `typed ${typ || 'with an empty string'}`,
      () => issuer.token({ header: { typ } }),
    ]),
  ),
  // Whatever type the header has.
  'that is an ID token, by its at_hash': () =>
    issuer.token({ header: { typ: 'JWT' }, claims: { at_hash: 'MTIzNDU2Nzg5MDEyMzQ1Ng' } }),
  'that is an ID token, by its c_hash': () =>
    issuer.token({ header: { typ: undefined }, claims: { c_hash: 'LDktKdoQak3Pk0cnXxCltA' } }),
  'that is an ID token, by its nonce and no scope': () =>
    issuer.token({ header: { typ: 'JWT' }, claims: { scope: undefined, nonce: 'n-0S6_WzA2Mj' } }),
  'that is an ID token of Keycloak': () =>
    issuer.token({ header: { typ: 'JWT' }, claims: { typ: 'ID' } }),
  'that is a refresh token of Keycloak': () =>
    issuer.token({ header: { typ: 'JWT' }, claims: { typ: 'Refresh' } }),
  'that is a logout token typed JWT': () =>
    issuer.token({
      header: { typ: 'JWT' },
      claims: { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } },
    }),
  'without a subject': () => issuer.token({ claims: { sub: undefined } }),
  'that expired': () => issuer.token({ claims: { exp: secondsFromNow(-10) } }),
  'that never expires': () => issuer.token({ claims: { exp: undefined } }),
  'that is not valid yet': () => issuer.token({ claims: { nbf: secondsFromNow(60) } }),
  'with an unknown kid': () => issuer.token({ header: { kid: 'unknown' } }),
  'with an algorithm other than that of its key': async () => {
    const privateKey = await importJWK(await exportJWK(keys.first.privateKey), 'RS512');
    if (!(privateKey instanceof CryptoKey)) throw new TypeError('Not a private key.');
    return issuer.token({ key: { ...keys.first, privateKey, alg: 'RS512' } });
  },
  'signed by an unknown key, with a known kid': async () => {
    const { privateKey } = await generateKeyPair('RS256');
    return issuer.token({ key: { ...keys.first, privateKey } });
  },
  'with an unknown critical header': () =>
    issuer.token({ header: { crit: ['unknown'], unknown: 1 } }),
};

describe('a token is refused with 401 and no reason', () => {
  test.each(Object.entries(bad))('%s', async (_what, makeToken) => {
    const response = await status(bearer(await makeToken()));
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe(
      'Bearer realm="api", error="invalid_token"',
    );
    expect(await problemIn(response)).toMatchObject({
      type: '/problems/unauthorised',
      detail: 'The access token was refused.',
    });
  });

  test('but the log has the reason', async () => {
    const token = await issuer.token({ claims: { exp: secondsFromNow(-10) } });
    const response = await status(bearer(token));
    const requestId = response.headers.get('x-request-id');
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
])('%s gets 401 without an error code', async (_what, headers) => {
  const response = await status(headers);
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toBe('Bearer realm="api"');
  expect((await problemIn(response)).type).toBe('/problems/unauthorised');
});

test('a token pasted with its scheme gets 401 that says so', async () => {
  const response = await status(bearer(`Bearer ${await issuer.token()}`));
  expect(response.status).toBe(401);
  expect(await problemIn(response)).toMatchObject({
    type: '/problems/unauthorised',
    detail: expect.stringMatching(/^The Authorization header contains Bearer twice\./),
  });
});

test.each<[Record<string, unknown>]>([
  [{ scope: 'onboarding:start' }],
  [{ scope: '' }],
  [{ scope: undefined }],
  [{ scope: 'onboarding:reader' }],
  [{ scope: 'xonboarding:read' }],
  [{ scope: { 'onboarding:read': true } }],
  [{ scope: [['onboarding:read'], 1, null] }],
  // An item of an array is one name, which may contain spaces.
  [{ scope: ['not onboarding:read'] }],
  [{ scope: undefined, scp: ['onboarding:start'] }],
  [{ scope: undefined, permissions: ['onboarding:read'] }],
])('a token with %j gets 403 that names the missing scope', async (claims) => {
  const response = await status(bearer(await issuer.token({ claims })));
  expect(response.status).toBe(403);
  expect(response.headers.get('www-authenticate')).toBe(
    'Bearer realm="api", error="insufficient_scope", scope="onboarding:read"',
  );
  expect((await problemIn(response)).type).toBe('/problems/forbidden');
});

test('with AUTH_SCOPE_PREFIX, only scopes with that prefix count', async () => {
  const prefixed = await startApp('http://127.0.0.1:1', {
    ...issuer.settings,
    AUTH_SCOPE_PREFIX: 'https://api.example.com/',
  });
  const statusFor = async (scope: string) => {
    const response = await status(bearer(await issuer.token({ claims: { scope } })), prefixed.url);
    return [response.status, response.headers.get('www-authenticate')];
  };
  expect(await statusFor('https://api.example.com/onboarding:read')).toEqual([accepted, null]);
  const challenge =
    'Bearer realm="api", error="insufficient_scope", scope="https://api.example.com/onboarding:read"';
  expect(await statusFor('https://other.example.com/onboarding:read')).toEqual([403, challenge]);
  expect(await statusFor('onboarding:read')).toEqual([403, challenge]);
  await prefixed.close();
});

test.each<[string, Record<string, unknown>, number]>([
  ['permissions', { permissions: ['onboarding:read'] }, accepted],
  ['roles', { roles: 'onboarding:read' }, accepted],
  ['https://example.com/roles', { 'https://example.com/roles': ['onboarding:read'] }, accepted],
  ['permissions', { scope: 'onboarding:read', scp: ['onboarding:read'] }, 403],
  ['constructor', {}, 403],
])('with AUTH_SCOPE_CLAIM=%s, %j gives %i', async (AUTH_SCOPE_CLAIM, claims, expected) => {
  const other = await startApp('http://127.0.0.1:1', { ...issuer.settings, AUTH_SCOPE_CLAIM });
  const token = await issuer.token({ claims: { scope: undefined, ...claims } });
  expect((await status(bearer(token), other.url)).status).toBe(expected);
  await other.close();
});

test.each([startPath, syncPath])('%s requires the scope onboarding:start', async (path) => {
  const reader = await issuer.token({ claims: { scope: 'onboarding:read' } });
  const starter = await issuer.token({ claims: { scope: 'onboarding:start' } });
  // Checked before the body is read.
  expect((await post(`${app.url}${path}`, '{', bearer(reader))).status).toBe(403);
  expect((await post(`${app.url}${path}`, '{')).status).toBe(401);
  const { type } = await problemIn(await post(`${app.url}${path}`, '{', bearer(starter)));
  expect(type).toBe('/problems/invalid-json');
});

test('health, the OpenAPI document and Swagger UI need no token', async () => {
  const paths = ['/health/live', '/docs', '/docs/json', '/openapi.json'];
  for (const path of paths) {
    expect([path, (await fetch(`${app.url}${path}`)).status]).toEqual([path, 200]);
  }
  // 503: Step Functions cannot be reached.
  expect((await fetch(`${app.url}/health/ready`)).status).toBe(503);
});

test('the OpenAPI document has the scope of each route', async () => {
  const document = JSON.parse(await (await fetch(`${app.url}/openapi.json`)).text());
  expect(document.components.securitySchemes.accessToken).toMatchObject({
    type: 'http',
    scheme: 'bearer',
    description: expect.stringContaining('without `Bearer `'),
  });
  const { paths } = document;
  const start = [{ accessToken: ['onboarding:start'] }];
  expect(paths[startPath].post).toMatchObject({ security: start });
  expect(paths[syncPath].post).toMatchObject({ security: start });
  expect(paths['/onboarding-status/{executionArn}'].get).toMatchObject({
    security: [{ accessToken: ['onboarding:read'] }],
  });
  for (const path of [startPath, syncPath]) {
    expect(Object.keys(paths[path].post.responses)).toEqual(
      expect.arrayContaining(['401', '403', '429']),
    );
  }
  expect(paths['/health/live'].get).toMatchObject({ security: [] });
});

test('without AUTH_ISSUER, on loopback, no token is needed', async () => {
  const open = await startApp('http://127.0.0.1:1');
  expect((await status({}, open.url)).status).toBe(accepted);
  const document = JSON.parse(await (await fetch(`${open.url}/openapi.json`)).text());
  expect(document.components.securitySchemes).toBeUndefined();
  expect(JSON.stringify(document.paths)).not.toContain('accessToken');
  await open.close();
});
