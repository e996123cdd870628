import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AppOnLocalAws, startAppOnLocalAws } from '../support/app-on-local-aws.ts';
import { launchBrowser } from './browser.ts';

let running: AppOnLocalAws;
let browser: Browser;
let page: Page;
const problems: string[] = [];

beforeAll(async () => {
  [running, browser] = await Promise.all([startAppOnLocalAws(), launchBrowser()]);
  page = await browser.newPage();
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  await page.goto(`${running.url}/docs`);
});
afterAll(async () => {
  await browser?.close();
  await running?.close();
});

const operation = (id: string) => page.locator(`[id$="-${id}"]`);
async function open(id: string) {
  await operation(id).locator('.opblock-summary').click();
  return operation(id);
}
const executionArn = () =>
  operation('getOnboardingStatus').locator('tr[data-param-name="executionArn"] input');

test('the documentation page has its own title and icon', async () => {
  expect(await page.title()).toBe('User onboarding');
  const icon = await page.locator('link[rel="icon"]').getAttribute('href');
  const response = await page.request.get(new URL(icon ?? '', page.url()).href);
  expect(response.headers()['content-type']).toMatch(/^image\/svg\+xml/);
  await page.locator('.topbar img[src^="data:image/svg+xml"]').waitFor();
});

test('the executionArn of a started onboarding is filled in for the status operation', async () => {
  await open('getOnboardingStatus');
  // Until something is started, this is the example of the OpenAPI document.
  expect(await executionArn().inputValue()).toMatch(/^arn:aws:states:us-east-1:123456789012:/);
  const start = await open('processUserOnboarding');
  const executionArns = new Set();
  for (let i = 0; i < 2; i += 1) {
    const response = page.waitForResponse((each) => each.request().method() === 'POST');
    await start.getByRole('button', { name: 'Execute' }).click();
    const started = await (await response).json();
    await expect.poll(() => executionArn().inputValue()).toBe(started.executionArn);
    executionArns.add(started.executionArn);
  }
  expect(executionArns.size).toBe(2);
  const status = page.waitForResponse((each) => each.url().includes('/onboarding-status/'));
  await operation('getOnboardingStatus').getByRole('button', { name: 'Execute' }).click();
  expect((await status).status()).toBe(200);
  expect(problems).toEqual([]);
});
