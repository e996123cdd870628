import { expect, test } from 'vitest';
import { closeAfterwards, startUnconnected } from '../support/start-behind.ts';
import { startIssuer } from './authentication/issuer.ts';

/** Responds 400, as it has no ARN. */
const path = '/onboarding-status/not-an-arn';

test('by default, pages of other origins cannot call the service', async () => {
  const { url } = await startUnconnected();
  const headers = { origin: 'https://app.example.com' };
  const response = await fetch(`${url}${path}`, { headers });
  expect(response.headers.get('access-control-allow-origin')).toBeNull();
  const preflight = await fetch(`${url}${path}`, {
    method: 'OPTIONS',
    headers: { ...headers, 'access-control-request-method': 'GET' },
  });
  expect(preflight.status).toBe(405);
});

test('pages of CORS_ORIGINS can call the service, and preflights need no token', async () => {
  const issuer = await startIssuer();
  closeAfterwards(issuer);
  const origin = 'https://app.example.com';
  const { url } = await startUnconnected({
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
  const other = await preflight('https://other.example.com');
  expect(other.headers.get('access-control-allow-origin')).toBeNull();
  const refused = await fetch(`${url}${path}`, { headers: { origin } });
  expect(refused.status).toBe(401);
  expect(refused.headers.get('access-control-allow-origin')).toBe(origin);
  expect(refused.headers.get('access-control-expose-headers')).toContain('retry-after');
  // Unknown paths and wrong methods respond as they do without CORS.
  expect((await fetch(`${url}/nowhere`)).status).toBe(404);
  const notAllowed = await fetch(`${url}${path}`, { method: 'DELETE' });
  expect(notAllowed.status).toBe(405);
  expect(notAllowed.headers.get('allow')).toBe('GET, HEAD');
});

test('caches keep the responses for each origin apart, also where they depend on Accept', async () => {
  const { url } = await startUnconnected({ CORS_ORIGINS: 'https://app.example.com' });
  const { headers } = await fetch(`${url}/problems/invalid-json`);
  expect(headers.get('vary')?.toLowerCase().split(', ')).toEqual(['origin', 'accept']);
});

test('pages can read the response headers that the route documents', async () => {
  const origin = 'https://app.example.com';
  const { url } = await startUnconnected({ CORS_ORIGINS: origin });
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
