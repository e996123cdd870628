import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { Json } from '../../src/local-aws/states-language/execution.ts';
import { startWithConsole, type WithConsole } from '../local-aws/console/start-console.ts';
import { onboardingRequest } from '../support/app.ts';
import { launchBrowser } from './browser.ts';

export let local: WithConsole;
export let page: Page;

/**
 * Starts a console for the tests of a file and opens a new page before each. A test fails on an error
 * or a dialog in the page, and on a request to another origin.
 */
export function useConsole(options: Parameters<typeof startWithConsole>[0] = {}): void {
  let browser: Browser;
  let problems: string[];

  beforeAll(async () => {
    [local, browser] = await Promise.all([startWithConsole(options), launchBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await local?.close();
  });
  beforeEach(async () => {
    problems = [];
    const context = await browser.newContext({ viewport: { width: 1440, height: 960 } });
    page = await context.newPage();
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      // Chromium reports every response of 400 and above, even those that a test expects.
      const isResponse = message.text().startsWith('Failed to load resource');
      if (message.type() === 'error' && !isResponse) problems.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(local.url)) problems.push(`left this origin: ${request.url()}`);
    });
    page.on('dialog', async (dialog) => {
      problems.push(`a script ran: ${dialog.message()}`);
      await dialog.dismiss();
    });
  });
  afterEach(async () => {
    await page.context().close();
    expect(problems).toEqual([]);
  });
}

export const open = (path = '') => page.goto(`${local.url}/#/${path}`);
export const role = (...args: Parameters<Page['getByRole']>) => page.getByRole(...args);
export const main = () => page.locator('main');

export function onboard(path: string, userId: string, referralCode = 'FRIEND2025') {
  const { user } = onboardingRequest(userId);
  const metadata = { ...user.metadata, referralCode };
  return postJson(local.serviceUrl + path, { user: { ...user, metadata } });
}

/** Creates a state machine and starts it as the console's page does. */
export async function start(
  name: string,
  states: Readonly<Record<string, Json>>,
  input: object,
): Promise<void> {
  const stateMachineArn = await local.createStateMachine(name, states);
  await postJson(`${local.url}/api/executions`, { stateMachineArn, input: JSON.stringify(input) });
}

export const waits = { Rest: { Type: 'Wait', Seconds: 600, End: true } };

export function postJson(url: string, body: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
}

/** Returns the violations that axe finds on the current page. */
export async function violations(
  colorSchemes: readonly ('light' | 'dark')[] = ['light', 'dark'],
): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of colorSchemes) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    found.push(
      ...violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html }) => `${colorScheme}: ${id}: ${html}`),
      ),
    );
  }
  return found;
}
