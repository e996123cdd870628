import { AxeBuilder } from '@axe-core/playwright';
import type { Result } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startWithConsole, type WithConsole } from '../local-aws/console/start-console.ts';
import { onboardingRequest } from '../support/app.ts';
import { launchBrowser } from './browser.ts';

let local: WithConsole;
let browser: Browser;
let page: Page;
let problems: string[];

beforeAll(async () => {
  [local, browser] = await Promise.all([startWithConsole(), launchBrowser()]);
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
    // Chromium reports every response from 400 on, those that a test asks for too.
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

const open = (path = '') => page.goto(`${local.url}/#/${path}`);
const role = (...args: Parameters<Page['getByRole']>) => page.getByRole(...args);
const main = () => page.locator('main');

function onboard(path: string, userId: string, referralCode = 'FRIEND2025') {
  const { user } = onboardingRequest(userId);
  const metadata = { ...user.metadata, referralCode };
  return fetch(local.serviceUrl + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user: { ...user, metadata } }),
  });
}

const waits = { Rest: { Type: 'Wait', Seconds: 600, End: true } };

async function startWaiting(name: string, input: object): Promise<void> {
  const stateMachineArn = await local.createStateMachine(name, waits);
  await fetch(`${local.url}/api/executions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ stateMachineArn, input: JSON.stringify(input) }),
  });
}

test.each([
  ['Wait for it', 'POST /process-user-onboarding-sync', '200'],
  ['Start it', 'POST /process-user-onboarding', '202'],
  ['No code', 'POST /new-user', '200'],
])('the form onboards by "%s", and leads to the execution', async (way, route, status) => {
  await open();
  await page.getByText(way, { exact: true }).click();
  await page.getByLabel('User id', { exact: true }).fill(`user-${status}-${way.length}`);
  await role('button', { name: 'Onboard', exact: true }).click();
  await page.locator('.exchange .chip', { hasText: status }).waitFor();
  await page.getByText(route).first().waitFor();
  await role('link', { name: 'See the execution' }).click();
  await role('heading', { level: 1, name: `user-${status}-${way.length}` }).waitFor();
  await main().getByText('Succeeded').first().waitFor();
});

test('a mistake in the form shows the problem document as it is', async () => {
  await open('new');
  await page.getByLabel('E-mail').fill('nobody');
  await role('button', { name: 'Onboard', exact: true }).click();
  await page.getByText('Missing required user onboarding fields.').waitFor();
  await page.getByText('/problems/invalid-onboarding-request').waitFor();
});

test('a refused referral code says why, and its states show where', async () => {
  await open();
  await onboard('/process-user-onboarding', 'user-refused', '2025');
  await role('link', { name: 'user-refused' }).click();
  await page
    .getByText(
      'InvalidReferralCode in ApplyReferral, caught by RefuseReferral. The referral code must be',
    )
    .waitFor();
  await role('button', { name: 'ApplyReferral, Task, Caught' }).waitFor();
  await role('img', { name: 'AnnounceUser, Task, not reached' }).waitFor();
  await role('region', { name: 'State ApplyReferral' })
    .getByText('RefuseReferral, by Catch')
    .waitFor();
  await role('button', { name: 'SaveUser, Task, Succeeded' }).click();
  const panel = role('region', { name: 'State SaveUser' });
  await panel.getByText('dynamodb:putItem').waitFor();
  await panel.getByRole('tab', { name: 'Arguments' }).click();
  await panel.getByText('TableName').waitFor();
  await panel.getByRole('tab', { name: 'Variables' }).click();
  await panel.getByText('"createdDate"').waitFor();
  await role('link', { name: 'user-onboarding', exact: true }).click();
  await role('heading', { level: 1, name: 'Executions' }).waitFor();
});

test('each event shows its data on demand', async () => {
  await onboard('/process-user-onboarding-sync', 'user-events');
  await open();
  await role('link', { name: 'user-events' }).click();
  const events = role('region', { name: 'Events' });
  await events.getByLabel('Search by event, state or error').fill('executionstarted');
  await events.getByRole('button', { name: 'ExecutionStarted' }).click();
  await events.getByText('"executionStartedEventDetails"').waitFor();
});

test('the list is live, can be searched and filtered', async () => {
  await open();
  await onboard('/process-user-onboarding-sync', 'user-found');
  await role('link', { name: 'user-found' }).waitFor();
  await page.getByLabel('Search by user id, name, error or origin').fill('user-foun');
  await expect.poll(() => role('link', { name: /^user-/ }).count()).toBe(1);
  await role('button', { name: 'Failed' }).click();
  await page.getByText('No execution matches.').waitFor();
  await role('button', { name: 'All' }).click();
  await role('combobox', { name: 'State machine' }).selectOption('All Standard ones');
  await page.getByText('No execution matches.').waitFor();
  await role('combobox', { name: 'State machine' }).selectOption('user-onboarding-express');
  await role('link', { name: 'user-found' }).click();
  await role('heading', { level: 1, name: 'user-found' }).waitFor();
  await page.goBack();
  await expect.poll(() => role('link', { name: /^user-/ }).count()).toBe(1);
  expect(await role('combobox', { name: 'State machine' }).inputValue()).toBe(
    'user-onboarding-express',
  );
});

test('one that waits runs in the graph, is stopped with a reason, and started again', async () => {
  await startWaiting('stopped-by-hand', { user: { userId: 'user-waits' } });
  await open();
  await role('link', { name: 'user-waits' }).click();
  await role('button', { name: 'Rest, Wait, Running' }).waitFor();
  await role('button', { name: 'Stop…' }).click();
  await page.getByLabel('Reason').fill('No longer wanted.');
  await role('button', { name: 'Stop', exact: true }).click();
  await main().getByText('No longer wanted.').waitFor();
  await role('button', { name: 'Rest, Wait, Aborted' }).waitFor();

  await role('button', { name: 'Start again…' }).click();
  await role('textbox', { name: 'Input' }).fill('{');
  await role('button', { name: 'Start', exact: true }).click();
  await role('alert').getByText('not valid JSON').waitFor();
  await role('textbox', { name: 'Input' }).fill('{"user":{"userId":"user-again"}}');
  await role('button', { name: 'Start', exact: true }).click();
  await role('heading', { level: 1, name: 'user-again' }).waitFor();
  await main().getByText('Running').first().waitFor();
});

test('the user is in the table, the message in the queue', async () => {
  await onboard('/process-user-onboarding-sync', 'user-everywhere');
  await open('users');
  await role('button', { name: 'user-everywhere' }).click();
  await main().getByText('"email"').waitFor();
  await role('link', { name: 'Messages' }).click();
  await role('button', { name: /user-everywhere/ }).click();
  await main().getByText('"md5OfBody"').waitFor();
  await role('row', { name: /user-everywhere/ })
    .first()
    .getByRole('link')
    .click();
  await role('link', { name: 'user-everywhere' }).waitFor();
});

test('the status table leads to the execution', async () => {
  await onboard('/process-user-onboarding', 'user-status');
  await open('statuses');
  await role('row', { name: /user-status.*Succeeded/ })
    .getByRole('link')
    .click();
  await role('heading', { level: 1, name: 'user-status' }).waitFor();
});

test('texts of an execution are shown and never run', async () => {
  const attack = '<img src=x onerror=alert(1)>';
  const attackName = 'x"onload="alert(1)';
  const stateMachineArn = await local.createStateMachine('attack', {
    [attack]: {
      Type: 'Pass',
      Assign: { attack },
      Output: { [attack]: attack, attackName },
      Next: '<script>alert(1)</script>',
    },
    '<script>alert(1)</script>': { Type: 'Fail', Error: attack, Cause: attack },
  });
  await fetch(`${local.url}/api/executions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      stateMachineArn,
      input: JSON.stringify({ user: { userId: attack, [attack]: attack } }),
    }),
  });
  await open();
  await role('link', { name: attack }).click();
  await role('heading', { level: 1, name: attack }).waitFor();
  for (const name of await role('button', { name: /alert/ }).all()) await name.click();
  for (const tab of await role('tab').all()) await tab.click();
  await role('button', { name: 'Start again…' }).click();
  expect(await page.locator('img, main script').count()).toBe(0);
});

const told = ({ id, nodes }: Result) => nodes.map(({ html }) => `${id}: ${html}`);

describe('anybody can use it', () => {
  test.each(['', 'new', 'users', 'messages', 'statuses'])(
    'axe finds nothing on #/%s',
    async (path) => {
      await onboard('/process-user-onboarding-sync', 'user-axe');
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await open(path);
        await role('heading', { level: 1 }).waitFor();
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.flatMap(told)).toEqual([]);
      }
    },
  );

  test('axe finds nothing on an execution', async () => {
    await onboard('/process-user-onboarding', 'user-axe-detail', '2025');
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await open();
      await role('link', { name: 'user-axe-detail' }).click();
      await role('button', { name: 'ApplyReferral, Task, Caught' }).waitFor();
      await page.getByText('"referralCode"').first().waitFor();
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.flatMap(told)).toEqual([]);
    }
  });

  test.each([360, 1600])('nothing is cut off at %i pixels', async (width) => {
    await onboard('/process-user-onboarding', 'user-narrow', '2025');
    await page.setViewportSize({ width, height: 800 });
    await open();
    const overflow = () => page.evaluate('document.documentElement.scrollWidth - innerWidth');
    expect(await overflow()).toBeLessThanOrEqual(0);
    await role('link', { name: 'user-narrow' }).first().click();
    await role('button', { name: 'ApplyReferral, Task, Caught' }).waitFor();
    expect(await overflow()).toBeLessThanOrEqual(0);
  });

  test('the keyboard alone starts an onboarding and looks into a state', async () => {
    await open('new');
    await page.getByLabel('User id', { exact: true }).focus();
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type('user-keys');
    await page.keyboard.press('Enter');
    await role('link', { name: 'See the execution' }).focus();
    await page.keyboard.press('Enter');
    await role('heading', { level: 1, name: 'user-keys' }).waitFor();
    await role('button', { name: 'SaveUser, Task, Succeeded' }).focus();
    await page.keyboard.press('Enter');
    const panel = role('region', { name: 'State SaveUser' });
    await panel.getByRole('tab', { name: 'Input' }).focus();
    await page.keyboard.press('ArrowRight');
    await panel.getByText('TableName').waitFor();
  });
});

test('a Map of 1,000 items folds into its state, and opens on demand', async () => {
  const stateMachineArn = await local.createStateMachine('many', {
    Each: {
      Type: 'Map',
      Items: '{% [1..1000] %}',
      ItemProcessor: { StartAt: 'One', States: { One: { Type: 'Pass', End: true } } },
      End: true,
    },
  });
  await fetch(`${local.url}/api/executions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ stateMachineArn, input: '{"user":{"userId":"user-many"}}' }),
  });
  await open();
  await role('link', { name: 'user-many' }).click();
  await main().getByText('Succeeded').first().waitFor();
  await page.getByText('Pass · 1,000 visits').waitFor();
  await role('button', { name: 'What is inside Each' }).click();
  await page.getByText('One #98', { exact: true }).waitFor();
  await role('button', { name: /^Show 100 more of/ }).click();
  await page.getByText('One #150', { exact: true }).waitFor();

  // The middle of a Map is its inner states.
  await role('button', { name: 'Each, Map, Succeeded' }).press('Enter');
  const panel = role('region', { name: 'State Each' });
  await panel.getByRole('tab', { name: 'Iterations' }).click();
  await panel.getByRole('button', { name: '#7 Succeeded' }).click();
  await role('region', { name: 'State One' }).getByText('Each #7').waitFor();
  await role('region', { name: 'Graph' })
    .getByText(/· showing #7$/)
    .waitFor();
});
