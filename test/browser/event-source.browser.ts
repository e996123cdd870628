import { createServer } from 'node:http';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { onboardingRequest } from '../support/app.ts';
import { type AppOnLocalAws, startAppOnLocalAws } from '../support/app-on-local-aws.ts';
import { post, startPath } from '../support/requests.ts';
import { launchBrowser } from './browser.ts';

const site = createServer((_request, response) => {
  response
    .writeHead(200, { 'content-type': 'text/html' })
    .end('<!doctype html><title>A site</title>');
});
let running: AppOnLocalAws;
let browser: Browser;
beforeAll(async () => {
  site.listen(0, '127.0.0.1');
  [running, browser] = await Promise.all([startAppOnLocalAws(), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await running?.close();
  site.close();
});

function listeningPort(): number {
  const address = site.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

test('an EventSource of an allowed origin gets every status and step, and then closes', async () => {
  const origin = `http://127.0.0.1:${listeningPort()}`;
  const workflow = await running.local.createStateMachine('brief', {
    Rest: { Type: 'Wait', Seconds: 2, End: true },
  });
  const app = await running.startAnother({
    STEP_FUNCTIONS_WORKFLOW_ARN: workflow,
    CORS_ORIGINS: origin,
  });
  const started = await post(`${app.url}${startPath}`, onboardingRequest());
  const { executionArn } = JSON.parse(await started.text());
  const page = await browser.newPage();
  await page.goto(origin);
  const seen = await page.evaluate(
    `new Promise((resolve) => {
      const seen = [];
      const source = new EventSource('${app.url}/onboarding-status/${executionArn}?steps=true');
      source.addEventListener('status', ({ data }) => seen.push(JSON.parse(data).status));
      source.addEventListener('step', ({ data }) => {
        const { name, status } = JSON.parse(data);
        seen.push(name + ' ' + status);
      });
      source.addEventListener('error', () => {
        if (source.readyState === EventSource.CLOSED) resolve(seen);
      });
    })`,
  );
  expect(seen).toEqual(['RUNNING', 'Rest RUNNING', 'Rest SUCCEEDED', 'SUCCEEDED']);
  await page.close();
  await app.close();
});
