import { afterEach, expect, test } from 'vitest';
import { type Environment, type RunningApp, startApp } from '../support/app.ts';
import { startIssuer } from './issuer.ts';

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of closing.splice(0).reverse()) await each.close();
});

async function start(settings: Environment = {}): Promise<RunningApp> {
  const app = await startApp('http://127.0.0.1:1', settings);
  closing.push(app);
  return app;
}

/** Returns 400, as it is not an ARN. */
const path = '/onboarding-status/not-an-arn';

test('pages of other origins cannot call by default', async () => {
  const { url } = await start();
  const headers = { origin: 'https://app.example.com' };
  const answer = await fetch(`${url}${path}`, { headers });
  expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  const preflight = await fetch(`${url}${path}`, {
    method: 'OPTIONS',
    headers: { ...headers, 'access-control-request-method': 'GET' },
  });
  expect(preflight.status).toBe(405);
});

test('pages of CORS_ORIGINS can call, and preflights need no token', async () => {
  const issuer = await startIssuer();
  closing.push(issuer);
  const origin = 'https://app.example.com';
  const { url } = await start({
    ...issuer.settings,
    CORS_ORIGINS: `https://www.example.com, ${origin}`,
  });
  const preflight = (from: string) =>
    fetch(`${url}/process-user-onboarding`, {
      method: 'OPTIONS',
      headers: {
        origin: from,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,idempotency-key',
      },
    });
  const { status, headers } = await preflight(origin);
  expect(status).toBe(204);
  expect(headers.get('access-control-allow-origin')).toBe(origin);
  expect(headers.get('access-control-allow-headers')).toContain('authorization');
  const stranger = await preflight('https://other.example.com');
  expect(stranger.headers.get('access-control-allow-origin')).toBeNull();
  const refused = await fetch(`${url}${path}`, { headers: { origin } });
  expect(refused.status).toBe(401);
  expect(refused.headers.get('access-control-allow-origin')).toBe(origin);
  expect(refused.headers.get('access-control-expose-headers')).toContain('retry-after');
  // Unknown paths and wrong methods stay what they are.
  expect((await fetch(`${url}/nowhere`)).status).toBe(404);
  expect((await fetch(`${url}${path}`, { method: 'DELETE' })).status).toBe(405);
});

test('pages can read the headers that the route declares', async () => {
  const origin = 'https://app.example.com';
  const { url } = await start({ CORS_ORIGINS: origin });
  const exposedBy = async (where: string, method: string) =>
    (await fetch(url + where, { method, headers: { origin } })).headers
      .get('access-control-expose-headers')
      ?.split(', ');
  const ofStart = await exposedBy('/process-user-onboarding', 'POST');
  expect(ofStart).toEqual(
    expect.arrayContaining(['idempotent-replayed', 'location', 'x-request-id']),
  );
  const ofStatus = await exposedBy(path, 'GET');
  expect(ofStatus).toEqual(expect.arrayContaining(['age', 'preference-applied', 'retry-after']));
  expect(ofStatus).not.toContain('idempotent-replayed');
});
