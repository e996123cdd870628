import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import type { Json } from '../../src/local-aws/states-language/execution.ts';
import { startWithConsole } from '../local-aws/console/start-console.ts';
import { onboardingRequest } from '../support/app.ts';
import { launchBrowser } from './browser.ts';

// `npm run screenshots` takes the screenshots of the console for the READMEs.

const folder = new URL('../../src/local-aws/console/screenshots/', import.meta.url);
/** Larger images make a README slow to load. */
const maxBytes = 150_000;

const lambda = (FunctionName: string): { [member: string]: Json } => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName },
});

let calls = 0;
const failsOnce = {
  async handler() {
    calls += 1;
    if (calls === 1) throw Object.assign(new Error('Try again.'), { name: 'CRM.Unavailable' });
    return { contact: 'c-17' };
  },
};

const welcome: Readonly<Record<string, Json>> = {
  InBoth: {
    Type: 'Parallel',
    Branches: [
      {
        StartAt: 'AddToCrm',
        States: {
          AddToCrm: {
            ...lambda('add-to-crm'),
            Retry: [{ ErrorEquals: ['CRM.Unavailable'], IntervalSeconds: 1, MaxAttempts: 3 }],
            End: true,
          },
        },
      },
      {
        StartAt: 'EachGift',
        States: {
          EachGift: {
            Type: 'Map',
            Items: '{% [1..6] %}',
            ItemProcessor: { StartAt: 'Send', States: { Send: { Type: 'Pass', End: true } } },
            End: true,
          },
        },
      },
    ],
    Next: 'ConfirmEmail',
  },
  ConfirmEmail: { Type: 'Wait', Seconds: 600, Next: 'Done' },
  Done: { Type: 'Succeed' },
};

const local = await startWithConsole({ functions: new Map([['add-to-crm', failsOnce]]) });
const browser = await launchBrowser();

function postJson(url: string, body: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
}

function onboarding(userId: string, referralCode = 'FRIEND2025') {
  const { user } = onboardingRequest(userId);
  return {
    user: {
      ...user,
      email: 'jane@example.com',
      name: 'Jane Doe',
      metadata: { ...user.metadata, referralCode },
    },
  };
}

async function startExecutions(): Promise<void> {
  const { serviceUrl, aws } = local;
  await postJson(`${serviceUrl}/process-user-onboarding-sync`, onboarding('user-1'));
  await postJson(`${serviceUrl}/process-user-onboarding`, onboarding('user-2', '2025'));
  await postJson(`${aws.apiGatewayUrl}/new-user`, { input: onboarding('user-3') });
  await postJson(`${aws.apiGatewayUrl}/new-user`, { input: { user: {} } });
  await postJson(`${serviceUrl}/process-user-onboarding`, onboarding('user-4'));
  const stateMachineArn = await local.createStateMachine('welcome', welcome);
  const input = JSON.stringify(onboarding('user-5'));
  await postJson(`${local.url}/api/executions`, { stateMachineArn, input });
  await postJson(`${serviceUrl}/process-user-onboarding-sync`, onboarding('user-6'));
}

async function openExecution(page: Page, userId: string, state: string): Promise<void> {
  await page.goto(`${local.url}/#/?text=${userId}`);
  await page.getByRole('link', { name: userId }).click();
  await page.getByRole('button', { name: state }).waitFor();
}

/** The size of the window in pixels. An execution has room for its three columns. */
const sizes: Readonly<Record<string, { width: number; height: number }>> = {
  executions: { width: 1240, height: 740 },
  execution: { width: 1400, height: 660 },
  running: { width: 1400, height: 780 },
  users: { width: 1240, height: 520 },
};

const views: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  async executions(page) {
    await page.goto(`${local.url}/#/`);
    await page.getByRole('button', { name: 'Onboard', exact: true }).click();
    await page.getByRole('link', { name: 'See the execution' }).waitFor();
    await page.getByText('1 running').waitFor();
  },
  async execution(page) {
    await openExecution(page, 'user-2', 'ApplyReferral, Task, Caught');
    await page.locator('pre .key').first().waitFor();
  },
  async running(page) {
    await openExecution(page, 'user-5', 'ConfirmEmail, Wait, Running');
    await page.getByRole('button', { name: 'AddToCrm, Task, Succeeded' }).click();
    await page.getByRole('tab', { name: 'Attempts' }).click();
  },
  async users(page) {
    await page.goto(`${local.url}/#/users`);
    await page.getByRole('button', { name: 'user-4' }).click();
  },
};

try {
  await startExecutions();
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [name, show] of Object.entries(views)) {
      const viewport = sizes[name] ?? null;
      const page = await browser.newPage({ viewport, colorScheme, reducedMotion: 'reduce' });
      await show(page);
      const path = fileURLToPath(new URL(`${name}-${colorScheme}.png`, folder));
      // A click may have scrolled.
      await page.evaluate('scrollTo(0, 0)');
      await page.screenshot({ path });
      await page.close();
      const { size } = statSync(path);
      process.stdout.write(`${name}-${colorScheme}.png ${size} bytes\n`);
      if (size > maxBytes) throw new Error(`${path} is over ${maxBytes} bytes.`);
    }
  }
} finally {
  await browser.close();
  await local.close();
}
