import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { InvalidSettings, readSettings } from '../../src/settings.ts';
import { type Environment, environmentFor } from '../support/app.ts';

const required = environmentFor('http://127.0.0.1:1');
const issuer = 'https://issuer.example.com/pool';

/** The lines of the error for these settings; none if they are valid. */
function complaints(environment: Environment): string[] {
  try {
    readSettings({ ...required, ...environment });
    return [];
  } catch (error) {
    if (error instanceof InvalidSettings) return error.message.split('\n');
    throw error;
  }
}

test.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])(
  'HOST=%s, on loopback, needs no authentication',
  (HOST) => {
    expect(complaints({ HOST })).toEqual([]);
  },
);

test.each(['0.0.0.0', '::', '10.0.0.1', '128.0.0.1', 'localhost.example.com', '::ffff:10.0.0.1'])(
  'HOST=%s requires authentication, or AUTH=none',
  (HOST) => {
    expect(complaints({ HOST })).toEqual([
      'HOST is not loopback, and authentication is off: expected AUTH_ISSUER and AUTH_AUDIENCE, or AUTH=none to let everybody call',
    ]);
    expect(complaints({ HOST, AUTH: 'none' })).toEqual([]);
    expect(complaints({ HOST, AUTH_ISSUER: issuer, AUTH_AUDIENCE: 'a' })).toEqual([]);
  },
);

test('a Lambda web function listens where Lambda says, and its callers must be authenticated', () => {
  const environment = { HOST: '127.0.0.1', AWS_LAMBDA_HTTP_ENDPOINT: '0.0.0.0:3001' };
  expect(complaints(environment)).toEqual([expect.stringMatching(/^HOST is not loopback/)]);
  expect(readSettings({ ...required, ...environment, AUTH: 'none' })).toMatchObject({
    host: '0.0.0.0',
    port: 3001,
  });
});

test.each(['3001', '0.0.0.0', '0.0.0.0:', ':3001', '0.0.0.0:65536'])(
  'AWS_LAMBDA_HTTP_ENDPOINT is not %s',
  (AWS_LAMBDA_HTTP_ENDPOINT) => {
    expect(complaints({ AWS_LAMBDA_HTTP_ENDPOINT })).toEqual([
      'AWS_LAMBDA_HTTP_ENDPOINT is wrong: expected an address and a port, like 0.0.0.0:3000',
    ]);
  },
);

test('the process prints this requirement in one line, and exits with 1', async () => {
  const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
  const env = { ...required, HOST: '0.0.0.0' };
  const { code, stdout, stderr } = await new Promise<Record<string, unknown>>((resolve) => {
    execFile(process.execPath, [main], { env, cwd: tmpdir() }, (error, stdout, stderr) =>
      resolve({ code: error?.code, stdout, stderr }),
    );
  });
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toMatch(
    /^HOST is not loopback, .*AUTH_ISSUER and AUTH_AUDIENCE, or AUTH=none.*\n$/,
  );
});

test.each<[Environment, string[]]>([
  [{ AUTH: 'off' }, ['AUTH']],
  [{ AUTH: 'none', AUTH_ISSUER: issuer, AUTH_AUDIENCE: 'a' }, ['AUTH_ISSUER', 'AUTH_AUDIENCE']],
  [{ AUTH_ISSUER: issuer }, ['AUTH_AUDIENCE']],
  [{ AUTH_AUDIENCE: 'a' }, ['AUTH_AUDIENCE']],
  [
    { AUTH_JWKS_URL: `${issuer}/jwks`, AUTH_SCOPE_PREFIX: 'a/' },
    ['AUTH_JWKS_URL', 'AUTH_SCOPE_PREFIX'],
  ],
  [{ AUTH_ISSUER: 'http://issuer.example.com', AUTH_AUDIENCE: 'a' }, ['AUTH_ISSUER']],
  [{ AUTH_ISSUER: 'our-issuer', AUTH_AUDIENCE: 'a' }, ['AUTH_ISSUER']],
  [{ AUTH_ISSUER: 'our-issuer', AUTH_AUDIENCE: 'a', AUTH_JWKS_URL: `${issuer}/jwks` }, []],
  [{ AUTH_SCOPE_CLAIM: 'roles' }, ['AUTH_SCOPE_CLAIM']],
  [{ AUTH_ISSUER: issuer, AUTH_AUDIENCE: 'a,' }, ['AUTH_AUDIENCE']],
  [{ AUTH_ISSUER: issuer, AUTH_AUDIENCE: 'a', AUTH_JWKS_URL: 'jwks' }, ['AUTH_JWKS_URL']],
  [{ AUTH_ISSUER: issuer, AUTH_AUDIENCE: 'a', AUTH_SCOPE_PREFIX: 'a b' }, ['AUTH_SCOPE_PREFIX']],
  [{ RATE_LIMIT_PER_MINUTE: '-1' }, ['RATE_LIMIT_PER_MINUTE']],
  [{ TRUST_PROXY: 'true' }, ['TRUST_PROXY']],
  [{ TRUST_PROXY: '10.0.0.0/33' }, ['TRUST_PROXY']],
  [{ TRUST_PROXY: '0.0.0.0/0' }, ['TRUST_PROXY']],
  [{ TRUST_PROXY: '::/0' }, ['TRUST_PROXY']],
  [{ TRUST_PROXY: '10.0.0.0/8, 300.0.0.1' }, ['TRUST_PROXY']],
  [{ CORS_ORIGINS: '*' }, ['CORS_ORIGINS']],
  [{ CORS_ORIGINS: 'https://app.example.com/' }, ['CORS_ORIGINS']],
  [{ DOCS: 'closed' }, ['DOCS']],
  [{ OPENAPI: 'closed' }, ['OPENAPI']],
  [{ METRICS: 'closed' }, ['METRICS']],
  [{ REQUEST_TIMEOUT_SECONDS: '0' }, ['REQUEST_TIMEOUT_SECONDS']],
  [{ KEEP_ALIVE_SECONDS: '0' }, ['KEEP_ALIVE_SECONDS']],
  [{ MAX_EVENT_LOOP_DELAY_MILLISECONDS: 'none' }, ['MAX_EVENT_LOOP_DELAY_MILLISECONDS']],
])('%j gives a line for each of %j', (environment, names) => {
  expect(complaints(environment).map((line) => line.split(' ')[0])).toEqual(names);
});

test('each variable sets its setting', () => {
  expect(
    readSettings({
      ...required,
      HOST: '::',
      AUTH_ISSUER: issuer,
      AUTH_AUDIENCE: 'one, two',
      AUTH_JWKS_URL: 'http://127.0.0.1:8080/jwks',
      AUTH_SCOPE_PREFIX: 'https://api.example.com/',
      AUTH_SCOPE_CLAIM: 'permissions',
      RATE_LIMIT_PER_MINUTE: '10',
      TRUST_PROXY: '10.0.0.0/16,fd00::/8, loopback',
      CORS_ORIGINS: 'https://app.example.com,http://localhost:8080',
      DOCS: 'off',
      OPENAPI: 'off',
      METRICS: 'open',
      REQUEST_TIMEOUT_SECONDS: '1.5',
      KEEP_ALIVE_SECONDS: '340',
      MAX_EVENT_LOOP_DELAY_MILLISECONDS: '0',
    }),
  ).toMatchObject({
    authentication: {
      issuer,
      audiences: ['one', 'two'],
      jwksUrl: 'http://127.0.0.1:8080/jwks',
      scopePrefix: 'https://api.example.com/',
      scopeClaim: 'permissions',
    },
    rateLimitPerMinute: 10,
    trustedProxies: ['10.0.0.0/16', 'fd00::/8', 'loopback'],
    corsOrigins: ['https://app.example.com', 'http://localhost:8080'],
    docs: 'off',
    openApi: 'off',
    metrics: 'open',
    requestTimeoutSeconds: 1.5,
    keepAliveSeconds: 340,
    maxEventLoopDelayMilliseconds: 0,
  });
});

test.each([
  [
    { AUTH: 'none' },
    [
      'With AUTH=none, METRICS=authenticated leaves /metrics open to everybody. Set METRICS to open or off.',
    ],
  ],
  [{ AUTH: 'none', METRICS: 'open' }, []],
  [{ AUTH: 'none', METRICS: 'off' }, []],
  // On loopback, which is not open to others.
  [{}, []],
])('%j gives the warnings %j', (variables, expected) => {
  const { warnings } = readSettings({ ...required, STATUS_TABLE: 'statuses', ...variables });
  expect(warnings).toEqual(expected);
});
