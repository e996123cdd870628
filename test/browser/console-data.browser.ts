import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createRecorder } from '../../src/local-aws/console/recorder.ts';
import { startConsole } from '../../src/local-aws/console/start-console.ts';
import {
  local,
  main,
  onboard,
  open,
  page,
  role,
  start,
  useConsole,
  waits,
} from './console-page.ts';

const rests = { handler: () => setTimeout(100) };

useConsole({ functions: new Map([['rests', rests]]) });

test('the list says that it is loading until it is loaded', async () => {
  await onboard('/process-user-onboarding-sync', 'user-loading');
  const { promise, resolve } = Promise.withResolvers<void>();
  await page.route('**/api/executions', async (route) => {
    await promise;
    await route.continue();
  });
  await open();
  await main().getByText('Loading…').waitFor();
  expect(await page.getByText('No executions yet').count()).toBe(0);
  resolve();
  await role('link', { name: 'user-loading' }).waitFor();
});

test('a list that cannot be loaded is loaded again', async () => {
  await onboard('/process-user-onboarding-sync', 'user-again');
  await page.route('**/api/executions', (route) => route.abort(), { times: 1 });
  await open();
  await role('link', { name: 'user-again' }).waitFor();
});

test('a link to all executions ends a filter that the user has set', async () => {
  await onboard('/process-user-onboarding-sync', 'user-filter');
  await open();
  await page.getByLabel('Search by user id, name, error or origin').fill('nobody?&#');
  await page.getByText('No execution matches.').waitFor();
  await role('link', { name: 'Executions', exact: true }).click();
  await role('link', { name: 'user-filter' }).waitFor();
  expect(await page.getByLabel('Search by user id, name, error or origin').inputValue()).toBe('');
});

test('a hidden tab closes its connection and catches up when it is shown', async () => {
  await open();
  await page.getByText('live', { exact: true }).waitFor();
  const show = (visibilityState: string) =>
    page.evaluate(
      `Object.defineProperty(document, 'visibilityState', { configurable: true, value: '${visibilityState}' });
      document.dispatchEvent(new Event('visibilitychange'));`,
    );
  const closed = page.waitForEvent('requestfailed', (request) =>
    request.url().endsWith('/api/changes'),
  );
  await show('hidden');
  await closed;
  await onboard('/process-user-onboarding-sync', 'user-behind');
  await show('visible');
  await role('link', { name: 'user-behind' }).waitFor();
});

test('the users page follows executions that never stop changing', async () => {
  const loop = {
    Call: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: { FunctionName: 'rests' },
      Next: 'Again',
    },
    Again: {
      Type: 'Choice',
      Choices: [{ Condition: '{% true %}', Next: 'Call' }],
      Default: 'Never',
    },
    Never: { Type: 'Succeed' },
  };
  await start('spins', loop, { user: { userId: 'user-spins' } });
  await open('users');
  await role('heading', { level: 1 }).waitFor();
  await onboard('/process-user-onboarding-sync', 'user-amid');
  await role('button', { name: 'user-amid' }).waitFor();
});

test('a late response does not replace a newer one', async () => {
  await onboard('/process-user-onboarding-sync', 'user-early');
  const { promise, resolve } = Promise.withResolvers<void>();
  let late: Promise<void> | undefined;
  await page.route(
    '**/api/users',
    async (route) => {
      const response = await route.fetch();
      await promise;
      late = route.fulfill({ response });
      await late;
    },
    { times: 1 },
  );
  await open('users');
  await role('heading', { level: 1 }).waitFor();
  await onboard('/process-user-onboarding-sync', 'user-newer');
  await role('button', { name: 'user-newer' }).waitFor();
  const finished = page.waitForEvent('requestfinished', (request) =>
    request.url().endsWith('/api/users'),
  );
  resolve();
  await finished;
  await late;
  expect(await role('button', { name: 'user-newer' }).count()).toBe(1);
});

test('a search for events that finds nothing says so', async () => {
  await onboard('/process-user-onboarding-sync', 'user-search');
  await open('?text=user-search');
  await role('link', { name: 'user-search' }).click();
  const events = role('region', { name: 'Events' });
  await events.getByText(/^\d+ events, named/).waitFor();
  await events.getByLabel('Search by event, state or error').fill('nothing');
  await events.getByText('No event matches.').waitFor();
});

test('data that cannot be read for want of a connection is read later', async () => {
  await onboard('/process-user-onboarding-sync', 'user-offline');
  await page.route('**/steps/*/events', (route) => route.abort(), { times: 1 });
  await open('?text=user-offline');
  await role('link', { name: 'user-offline' }).click();
  await role('button', { name: 'SaveUser, Task, Succeeded' }).click();
  await role('region', { name: 'State SaveUser' }).getByRole('tab', { name: 'Input' }).waitFor();
});

test('text that is not JSON stays in the editor of the form', async () => {
  await open('new');
  await role('button', { name: 'Edit as JSON' }).click();
  await role('textbox', { name: 'Request body' }).fill('{"user":');
  await role('button', { name: 'Back to the form' }).click();
  await role('alert').getByText('not a JSON object').waitFor();
  expect(await role('textbox', { name: 'Request body' }).inputValue()).toBe('{"user":');
});

test('a second submission waits for the first, and the button keeps the focus', async () => {
  await start('twice', waits, { user: { userId: 'user-twice' } });
  await open('?text=user-twice');
  await role('link', { name: 'user-twice' }).click();
  await role('button', { name: 'Start again…' }).click();
  let requests = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  await page.route('**/api/executions', async (route) => {
    requests += 1;
    await promise;
    await route.continue();
  });
  const button = role('button', { name: 'Start', exact: true });
  await button.press('Enter');
  await button.press('Enter');
  expect(await button.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(
    true,
  );
  resolve();
  await role('dialog').waitFor({ state: 'hidden' });
  expect(requests).toBe(1);
});

test('Escape does not drop an edited input', async () => {
  await start('edited', waits, { user: { userId: 'user-edited' } });
  await open('?text=user-edited');
  await role('link', { name: 'user-edited' }).click();
  await role('button', { name: 'Start again…' }).click();
  await role('textbox', { name: 'Input' }).fill('{"user":{"userId":"user-draft"}}');
  await page.keyboard.press('Escape');
  await role('dialog').waitFor({ state: 'hidden' });
  await role('button', { name: 'Start again…' }).click();
  expect(await role('textbox', { name: 'Input' }).inputValue()).toContain('user-draft');
  await role('button', { name: 'Undo the changes' }).click();
  expect(await role('textbox', { name: 'Input' }).inputValue()).toContain('user-edited');
  expect(await role('button', { name: 'Undo the changes' }).count()).toBe(0);
});

test('a long text shows its beginning, and all of it on request', async () => {
  const items = Array.from({ length: 6000 }, (_, id) => ({ id, name: `item ${id}` }));
  await start(
    'long',
    { One: { Type: 'Pass', End: true } },
    { user: { userId: 'user-long' }, items },
  );
  await open('?text=user-long');
  await role('link', { name: 'user-long' }).click();
  const output = role('group', { name: 'Output' });
  await output.getByText('"item 9"').waitFor();
  const length = async () => (await output.textContent())?.length;
  expect(await length()).toBeLessThanOrEqual(20_000);
  await role('button', { name: /^Show all [\d,]+ characters$/ })
    .last()
    .click();
  await expect.poll(async () => (await output.textContent())?.includes('"item 5999"')).toBe(true);
});

test('the summary counts states and visits', async () => {
  await start(
    'counts',
    { One: { Type: 'Pass', Next: 'Rest' }, ...waits },
    { user: { userId: 'user-counts' } },
  );
  await open('?text=user-counts');
  await role('link', { name: 'user-counts' }).click();
  await main().getByText('2 states', { exact: true }).waitFor();
  const each = {
    Each: {
      Type: 'Map',
      Items: '{% [1..4] %}',
      ItemProcessor: { StartAt: 'One', States: { One: { Type: 'Pass', End: true } } },
      End: true,
    },
  };
  await start('counts-each', each, { user: { userId: 'user-each' } });
  await open('?text=user-each');
  await role('link', { name: 'user-each' }).click();
  await main().getByText('2 states, 5 visits', { exact: true }).waitFor();
});

test('the panels of an execution keep their places while it is being read', async () => {
  await onboard('/process-user-onboarding', 'user-places', '2025');
  await open('?text=user-places');
  const { promise, resolve } = Promise.withResolvers<void>();
  await page.route('**/api/executions/*events=0*', async (route) => {
    await promise;
    await route.continue();
  });
  await role('link', { name: 'user-places' }).click();
  await main().getByText('Failed').first().waitFor();
  const events = role('region', { name: 'Events' });
  await events.getByRole('button', { name: 'ExecutionFailed' }).waitFor();
  const before = await events.boundingBox();
  resolve();
  await role('button', { name: 'ApplyReferral, Task, Caught' }).waitFor();
  expect((await events.boundingBox())?.x).toBe(before?.x);
});

test('the panel of a state does not collapse while the next state is read', async () => {
  await onboard('/process-user-onboarding', 'user-panel', '2025');
  await open('?text=user-panel');
  await role('link', { name: 'user-panel' }).click();
  await role('region', { name: 'State ApplyReferral' })
    .getByRole('tab', { name: 'Input' })
    .waitFor();
  const { promise, resolve } = Promise.withResolvers<void>();
  await page.route('**/steps/*/events', async (route) => {
    await promise;
    await route.continue();
  });
  await role('button', { name: 'SaveUser, Task, Succeeded' }).click();
  await role('button', { name: 'SaveUser, Task, Succeeded', pressed: true }).waitFor();
  expect(await role('tab', { name: 'Arguments' }).count()).toBe(1);
  resolve();
  await role('region', { name: 'State SaveUser' }).waitFor();
});

test('an execution that ran in an earlier process says so and can be started again', async () => {
  const startOne = (port: number) =>
    startConsole(
      { port, variable: 'LOCAL_CONSOLE_PORT' },
      {
        ...local.aws,
        recorder: createRecorder(local.aws.executions),
        serviceUrl: local.serviceUrl,
      },
    );
  const first = await startOne(0);
  await start('lost', waits, { user: { userId: 'user-lost' } });
  // `page` expects requests of another console.
  const lost = await page.context().newPage();
  await lost.goto(first.url);
  await lost.getByRole('link', { name: 'user-lost' }).click();
  await lost.getByRole('button', { name: 'Rest, Wait, Running' }).waitFor();
  await first.close();
  await lost.getByText('not connected').waitFor();
  const second = await startOne(Number(new URL(first.url).port));
  await lost.getByText('Local AWS no longer has this execution').waitFor();
  await lost.getByRole('button', { name: 'Rest, Wait, Aborted' }).waitFor();
  expect(await lost.getByRole('button', { name: 'Stop…' }).count()).toBe(0);
  await lost.getByRole('button', { name: 'Start again…' }).click();
  await lost.getByRole('button', { name: 'Start', exact: true }).click();
  await lost.getByRole('button', { name: 'Rest, Wait, Running' }).waitFor();
  await lost.reload();
  await lost.getByRole('button', { name: 'Rest, Wait, Running' }).waitFor();
  await second.close();
});
