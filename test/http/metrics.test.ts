import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Environment, onboardingRequest, type RunningApp, startApp } from '../support/app.ts';
import { post, problemIn, startPath, syncPath } from '../support/requests.ts';
import { awsError } from '../support/step-functions-stub/faults.ts';
import { type StubOptions, startStepFunctionsStub } from '../support/step-functions-stub/stub.ts';
import { startIssuer } from './issuer.ts';

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of closing.splice(0).reverse()) await each.close();
});

async function start(settings: Environment = {}, options: StubOptions = {}): Promise<RunningApp> {
  const stub = await startStepFunctionsStub(options);
  const app = await startApp(stub.url, settings);
  closing.push(stub, app);
  return app;
}

/** The samples by their names and labels, as Prometheus reads them. */
async function samples(url: string, headers: Record<string, string> = {}) {
  const answer = await fetch(`${url}/metrics`, { headers });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=/);
  const lines = (await answer.text()).split('\n').filter((line) => line && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}

test('requests are counted by route, method and status', async () => {
  const { url } = await start();
  await post(`${url}${startPath}`, onboardingRequest());
  await post(`${url}${startPath}`, {});
  await fetch(`${url}/onboarding-status/not-an-arn`);
  const metrics = await samples(url);
  const count = (labels: string) => metrics.get(`http_request_duration_seconds_count{${labels}}`);
  expect(count(`method="POST",route="${startPath}",status="202"`)).toBe(1);
  expect(count(`method="POST",route="${startPath}",status="400"`)).toBe(1);
  const route = '/onboarding-status/:executionArn';
  expect(count(`method="GET",route="${route}",status="400"`)).toBe(1);
});

test('whatever callers send, there are no more series than routes, methods and statuses', async () => {
  const { url } = await start();
  const send = async (index: number) => {
    await fetch(`${url}/onboarding-status/${index}`);
    await fetch(`${url}/${index}`, { method: 'REPORT' });
    await fetch(`${url}/${index}`);
  };
  const ofRequests = async () =>
    [...(await samples(url)).keys()].filter(
      (name) => /^http_/.test(name) && !/"\/metrics"/.test(name),
    );
  await send(0);
  const names = await ofRequests();
  for (let index = 1; index < 20; index += 1) await send(index);
  expect(names).not.toEqual([]);
  expect(await ofRequests()).toEqual(names);
});

test('calls to Step Functions are counted by operation and outcome', async () => {
  const { url } = await start(
    {},
    {
      script: ({ operation }) =>
        operation === 'StartSyncExecution' ? awsError('AccessDeniedException') : undefined,
    },
  );
  await post(`${url}${startPath}`, onboardingRequest());
  await post(`${url}${syncPath}`, onboardingRequest());
  const metrics = await samples(url);
  const count = (operation: string, outcome: string) =>
    metrics.get(
      `step_functions_call_duration_seconds_count{operation="${operation}",outcome="${outcome}"}`,
    );
  expect(count('StartExecution', 'ok')).toBe(1);
  expect(count('StartSyncExecution', 'misconfigured')).toBe(1);
});

test('capacity, budgets and where statuses came from are there', async () => {
  const { url } = await start({ MAX_SYNC_EXECUTIONS: '7', DESCRIBE_BURST: '9' });
  const started = await post(`${url}${startPath}`, onboardingRequest());
  await fetch(`${url}${started.headers.get('location')}`);
  const metrics = await samples(url);
  expect(metrics.get('sync_executions_capacity')).toBe(7);
  expect(metrics.get('sync_executions_in_flight')).toBe(0);
  expect(metrics.get('step_functions_budget_burst{operation="DescribeExecution"}')).toBe(9);
  expect(metrics.get('step_functions_budget_tokens{operation="DescribeExecution"}')).toBeLessThan(
    10,
  );
  const responses = [...metrics].filter(([name]) => name.startsWith('status_responses_total'));
  expect(responses.reduce((sum, [, count]) => sum + count, 0)).toBe(1);
  expect(metrics.get('status_feed_age_seconds')).toBe(0);
  expect(metrics.get('status_call_failures_total{operation="DescribeExecution"}')).toBe(0);
  expect(metrics.get('step_functions_budget_burst{operation="GetExecutionHistory"}')).toBe(100);
  expect(metrics.get('step_functions_budget_tokens{operation="GetExecutionHistory"}')).toBe(100);
  expect(metrics.get('event_streams_open')).toBe(0);
  expect(metrics.get('event_streams_capacity')).toBe(5000);
  expect(metrics.get('status_waiters')).toBe(0);
  expect(metrics.get('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0);
});

describe('who sees /metrics', () => {
  test('by default: with the scope onboarding:metrics, where callers are authenticated', async () => {
    const issuer = await startIssuer();
    closing.push(issuer);
    const { url } = await start(issuer.settings);
    expect((await fetch(`${url}/metrics`)).status).toBe(401);
    const bearer = async (scope: string) => ({
      authorization: `Bearer ${await issuer.token({ claims: { scope } })}`,
    });
    const reader = await bearer('onboarding:read');
    expect((await fetch(`${url}/metrics`, { headers: reader })).status).toBe(403);
    expect((await samples(url, await bearer('onboarding:metrics'))).size).toBeGreaterThan(0);
  });

  test('METRICS=open: everybody', async () => {
    const issuer = await startIssuer();
    closing.push(issuer);
    const { url } = await start({ ...issuer.settings, METRICS: 'open' });
    expect((await samples(url)).size).toBeGreaterThan(0);
  });

  test.each([
    ['METRICS', '/metrics'],
    ['DOCS', '/docs'],
    ['OPENAPI', '/openapi.json'],
    ['OPENAPI', '/docs/json'],
  ])('%s=off: nobody', async (variable, path) => {
    const { url } = await start({ [variable]: 'off' });
    expect((await problemIn(await fetch(`${url}${path}`))).status).toBe(404);
  });
});

const dashboardSchema = z.object({
  panels: z.array(
    z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })) }),
  ),
});

test('the Grafana dashboard asks for metrics that there are', async () => {
  const { url } = await start();
  await post(`${url}${startPath}`, onboardingRequest());
  const known = new Map<string, Set<string>>();
  for (const sample of (await samples(url)).keys()) {
    const [name = '', labels = ''] = sample.split('{');
    const labelNames = [...labels.matchAll(/(\w+)="/g)].map(([, label = '']) => label);
    known.set(name, new Set([...(known.get(name) ?? []), ...labelNames]));
  }
  const file = new URL('../../config/grafana-dashboard.json', import.meta.url);
  const { panels } = dashboardSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  expect(panels.length).toBeGreaterThan(5);
  for (const { title, targets } of panels) {
    for (const { expr } of targets) {
      const asked = [...expr.matchAll(/(\w+)\{/g)].map(([, name = '']) => name);
      expect([title, asked.length]).not.toEqual([title, 0]);
      const labels = new Set(asked.flatMap((name) => [...(known.get(name) ?? [])]));
      expect([title, asked.filter((name) => !known.has(name))]).toEqual([title, []]);
      const grouped = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, by = '']) =>
        by.split(', '),
      );
      expect([title, grouped.filter((label) => !labels.has(label))]).toEqual([title, []]);
    }
  }
});
