import { expect, test } from 'vitest';
import { exampleRequest } from '../../src/onboarding/request.ts';
import { onboardingRequest } from '../support/app.ts';
import { main, onboard, open, page, role, start, useConsole, waits } from './console-page.ts';

useConsole();

test.each([
  ['Synchronous', 'POST /process-user-onboarding-sync', '200'],
  ['Asynchronous', 'POST /process-user-onboarding', '202'],
  ['No code', 'POST /new-user', '200'],
])('the form onboards with "%s" and links to the execution', async (way, route, status) => {
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

test('the form has the example of each member, and sends what it shows', async () => {
  await open('new');
  const sent = page.waitForRequest('**/api/onboardings');
  await role('button', { name: 'Onboard', exact: true }).click();
  expect(JSON.parse((await sent).postDataJSON().body)).toEqual(exampleRequest);
});

test('members that were added as JSON stay when the form is used again', async () => {
  await open('new');
  await role('button', { name: 'Edit as JSON' }).click();
  const { user } = onboardingRequest('user-json');
  const edited = { user: { ...user, metadata: { ...user.metadata, plan: 'pro' } } };
  await role('textbox', { name: 'Request body' }).fill(JSON.stringify(edited));
  await page.getByText('No code', { exact: true }).click();
  await role('button', { name: 'Back to the form' }).click();
  await page.getByLabel('Country').fill('CH');
  const sent = page.waitForRequest('**/api/onboardings');
  await role('button', { name: 'Onboard', exact: true }).click();
  expect(JSON.parse((await sent).postDataJSON().body)).toEqual({
    input: { user: { ...edited.user, metadata: { ...edited.user.metadata, country: 'CH' } } },
  });
});

test('an invalid form shows the problem document of the service', async () => {
  await open('new');
  await page.getByLabel('Email').fill('nobody');
  await role('button', { name: 'Onboard', exact: true }).click();
  await page.getByText('Missing required user onboarding fields.').waitFor();
  await page.getByText('/problems/invalid-onboarding-request').waitFor();
});

test('the page of a failed execution shows the error, the state and the data of its states', async () => {
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

test('a succeeded execution shows its input and output until a state is chosen', async () => {
  await onboard('/process-user-onboarding-sync', 'user-output');
  await open();
  await role('link', { name: 'user-output' }).click();
  const panel = role('region', { name: 'Execution' });
  await panel.getByRole('group', { name: 'Input' }).getByText('"email"').waitFor();
  await panel.getByRole('group', { name: 'Output' }).getByText('"messageId"').waitFor();
  await role('button', { name: 'SaveUser, Task, Succeeded' }).click();
  await role('region', { name: 'State SaveUser' }).waitFor();
  await panel.getByRole('tab', { name: 'Output' }).click();
  await panel.getByText('"messageId"').waitFor();
});

test('an event shows its data when it is expanded', async () => {
  await onboard('/process-user-onboarding-sync', 'user-events');
  await open();
  await role('link', { name: 'user-events' }).click();
  const events = role('region', { name: 'Events' });
  await events.getByLabel('Search by event, state or error').fill('executionstarted');
  await events.getByRole('button', { name: 'ExecutionStarted' }).click();
  await events.getByText('"executionStartedEventDetails"').waitFor();
});

test('the list is live and can be searched and filtered', async () => {
  await open();
  await onboard('/process-user-onboarding-sync', 'user-found');
  await role('link', { name: 'user-found' }).waitFor();
  await page.getByLabel('Search by user id, name, error or origin').fill('user-foun');
  await expect.poll(() => role('link', { name: /^user-/ }).count()).toBe(1);
  await role('button', { name: 'Failed' }).click();
  await page.getByText('No execution matches.').waitFor();
  await role('button', { name: 'All' }).click();
  await role('combobox', { name: 'State machine' }).selectOption('Standard only');
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

test('a change during the load of the list is not lost', async () => {
  await onboard('/process-user-onboarding-sync', 'user-before');
  await page.route('**/api/executions', async (route) => {
    const response = await route.fetch();
    await onboard('/process-user-onboarding-sync', 'user-meanwhile');
    // The execution has ended, so no later change would add it again.
    await role('row', { name: /user-meanwhile/ })
      .getByText('Succeeded')
      .waitFor();
    await route.fulfill({ response });
  });
  await open();
  await role('link', { name: 'user-before' }).waitFor();
  expect(await role('link', { name: 'user-meanwhile' }).count()).toBe(1);
});

test('a running execution shows its input, can be stopped with a reason and started again', async () => {
  await start('stopped-by-hand', waits, { user: { userId: 'user-waits' } });
  await open();
  await role('link', { name: 'user-waits' }).click();
  await role('button', { name: 'Rest, Wait, Running' }).waitFor();
  await role('region', { name: 'Execution' }).getByText('"user-waits"').waitFor();
  await page.getByText('Choose a state').waitFor();
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

test('the users page shows the saved user, and the messages page the message', async () => {
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

test('the statuses page links a status to its execution', async () => {
  await onboard('/process-user-onboarding', 'user-status');
  await open('statuses');
  await role('row', { name: /user-status.*Succeeded/ })
    .getByRole('link')
    .click();
  await role('heading', { level: 1, name: 'user-status' }).waitFor();
});

test('a Map of 1,000 items is folded at first and shows one iteration when it is chosen', async () => {
  const states = {
    Each: {
      Type: 'Map',
      Items: '{% [1..1000] %}',
      ItemProcessor: { StartAt: 'One', States: { One: { Type: 'Pass', End: true } } },
      End: true,
    },
  };
  await start('many', states, { user: { userId: 'user-many' } });
  await open();
  await role('link', { name: 'user-many' }).click();
  await main().getByText('Succeeded').first().waitFor();
  await page.getByText('Pass · 1,000 visits').waitFor();
  await role('button', { name: 'States inside Each' }).click();
  await page.getByText('One #48', { exact: true }).waitFor();
  await role('button', { name: /^Show 50 more of/ }).click();
  await page.getByText('One #90', { exact: true }).waitFor();
  const events = role('region', { name: 'Events' });
  await events.getByRole('button', { name: 'Older' }).click();
  await events.getByText(/^page 2 of/).waitFor();
  await events.getByLabel('Search by event, state or error').fill('mapiterationsucceeded');
  await events.getByText('page 1 of 40').waitFor();

  // By keyboard, because a click in the middle of a Map hits a nested state.
  await role('button', { name: 'Each, Map, Succeeded' }).press('Enter');
  const panel = role('region', { name: 'State Each' });
  await panel.getByRole('tab', { name: 'Iterations' }).click();
  await panel.getByRole('button', { name: '#7 Succeeded' }).click();
  await role('region', { name: 'State One' }).getByText('Each #7').waitFor();
  await role('region', { name: 'Graph' })
    .getByText(/^Map · .* · showing #7$/)
    .waitFor();
});
