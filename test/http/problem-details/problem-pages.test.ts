import { globSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningApp, startApp } from '../../support/app.ts';

let app: RunningApp;
beforeAll(async () => {
  // With authentication, and so with the problems of tokens and of the rate limit.
  app = await startApp('http://127.0.0.1:9', {
    AUTH_ISSUER: 'http://127.0.0.1:9',
    AUTH_AUDIENCE: 'onboarding',
  });
});
afterAll(() => app.close());

const page = (slug: string, accept = 'application/json') =>
  fetch(`${app.url}/problems/${slug}`, { headers: { accept } });

const slugs = globSync('src/{http,onboarding}/**/*.ts').flatMap((file) =>
  [...readFileSync(file, 'utf8').matchAll(/slug: '([a-z-]+)'/g)].map(([, slug = '']) => slug),
);
/** Only the log has this one, when the caller has disconnected. */
const onlyLogged = ['caller-gone'];

test.each(slugs.filter((slug) => !onlyLogged.includes(slug)))(
  '/problems/%s explains the type',
  async (slug) => {
    const response = await page(slug);
    expect(response.status).toBe(200);
    const { title, status, details } = JSON.parse(await response.text());
    expect(title).toMatch(/^[A-Z]/);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(details.length).toBeGreaterThan(0);
  },
);

test('src declares more than 25 problem types', () => expect(slugs.length).toBeGreaterThan(25));

test.each([
  ['not-found', []],
  ['method-not-allowed', []],
  ['workflow-failed', ['error', 'cause', 'executionStatus', 'executionArn']],
])('/problems/%s lists the members that its responses add: %j', async (slug, members) => {
  expect(await (await page(slug)).json()).toMatchObject({ members });
});

test('a browser gets an HTML page without scripts', async () => {
  const response = await page('workflow-failed', 'text/html,application/xhtml+xml,*/*;q=0.8');
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  const html = await response.text();
  expect(html).toContain('<h1>Workflow failed</h1>');
  expect(html).toContain('<li>executionStatus</li>');
  expect(html).toContain('<li>POST /process-user-onboarding-sync</li>');
  expect(html).not.toContain('<script');
});

test('an unknown problem type gets 404', async () => {
  expect((await page('nothing')).status).toBe(404);
  expect((await page('__proto__')).status).toBe(404);
});
