import { expect, test } from 'vitest';
import { openSocket, readResponse } from '../support/raw-http.ts';
import { startUnconnected } from '../support/start-behind.ts';

test('every response has security headers', async () => {
  const { url } = await startUnconnected();
  const socket = openSocket(url);
  socket.write('not HTTP\r\n\r\n');
  const paths = ['/docs', '/health/live', '/onboarding-status/not-an-arn', '/nowhere'];
  const responses = [...paths.map((path) => fetch(`${url}${path}`)), readResponse(socket)];
  for (const { headers } of await Promise.all(responses)) {
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('strict-transport-security')).toMatch(/^max-age=\d+/);
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none';/);
  }
});

test('caches store no response, except the files of Swagger UI', async () => {
  const { url } = await startUnconnected();
  const cacheControl = async (path: string) =>
    (await fetch(`${url}${path}`)).headers.get('cache-control');
  for (const path of ['/health/live', '/openapi.json', '/problems/not-found', '/nowhere']) {
    expect(await cacheControl(path)).toBe('no-store');
  }
  expect(await cacheControl('/docs/static/swagger-ui.css')).toBe('public, max-age=0');
});

test('Swagger UI complies with its content security policy', async () => {
  const { url } = await startUnconnected();
  const response = await fetch(`${url}/docs`);
  const policy = response.headers.get('content-security-policy');
  expect(policy).toMatch(/;script-src 'self';style-src 'self' 'unsafe-inline';/);
  // With it, browsers would fetch the scripts over https, where nothing listens.
  expect(policy).not.toContain('upgrade-insecure-requests');
  const page = await response.text();
  expect(page).not.toMatch(/<script(?![^>]*\ssrc=)/);
  expect(page).not.toMatch(/(?:src|href)="https?:/);
});
