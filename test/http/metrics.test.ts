import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { onboardingRequest } from '../support/app.ts';
import { post, problemIn, startPath, syncPath } from '../support/requests.ts';
import { closeAfterwards, startBehind, startUnconnected } from '../support/start-behind.ts';
import { awsError, resetAfter, stall } from '../support/step-functions-stub/faults.ts';
import { startIssuer } from './authentication/issuer.ts';

/** The value of each sample, by its name and labels as Prometheus reads them. */
async function samples(url: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/metrics`, { headers });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=/);
  const lines = (await response.text()).split('\n').filter((line) => line && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}

test('requests are counted by route, method and status', async () => {
  const { url } = await startBehind({});
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

test('unknown paths and methods add no series', async () => {
  const { url } = await startBehind({});
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
  const { url } = await startBehind({
    script: ({ operation }) =>
      operation === 'StartSyncExecution' ? awsError('AccessDeniedException') : undefined,
  });
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

test.each([
  ['the connection breaks', 1, resetAfter, {}],
  ['the deadline passes', 1, stall, { SYNC_TIMEOUT_SECONDS: '0.05' }],
  ['Step Functions responds', 0, undefined, {}],
  ['Step Functions refuses the call', 0, awsError('AccessDeniedException'), {}],
])(
  'a sync execution for which %s adds %i to the unknown outcomes',
  async (_what, count, fault, settings) => {
    const { url } = await startBehind({ script: () => fault }, settings);
    await post(`${url}${syncPath}`, onboardingRequest());
    expect((await samples(url)).get('sync_executions_outcome_unknown_total')).toBe(count);
  },
);

test('a sync execution without a connection to Step Functions adds no unknown outcome', async () => {
  const { url } = await startUnconnected();
  await post(`${url}${syncPath}`, onboardingRequest());
  const metrics = await samples(url);
  const failed = 'operation="StartSyncExecution",outcome="unavailable"';
  expect(metrics.get(`step_functions_call_duration_seconds_count{${failed}}`)).toBe(1);
  expect(metrics.get('sync_executions_outcome_unknown_total')).toBe(0);
});

test('capacity, budgets and sources of statuses have metrics', async () => {
  const { url } = await startBehind({}, { MAX_SYNC_EXECUTIONS: '7', DESCRIBE_BURST: '9' });
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
  expect(metrics.get('status_held_callers')).toBe(0);
  expect(metrics.get('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0);
});

describe('/metrics', () => {
  test('requires the scope onboarding:metrics by default, with authentication', async () => {
    const issuer = await startIssuer();
    closeAfterwards(issuer);
    const { url } = await startBehind({}, issuer.settings);
    expect((await fetch(`${url}/metrics`)).status).toBe(401);
    const bearer = async (scope: string) => ({
      authorization: `Bearer ${await issuer.token({ claims: { scope } })}`,
    });
    const reader = await bearer('onboarding:read');
    expect((await fetch(`${url}/metrics`, { headers: reader })).status).toBe(403);
    expect((await samples(url, await bearer('onboarding:metrics'))).size).toBeGreaterThan(0);
  });

  test('needs no token with METRICS=open', async () => {
    const issuer = await startIssuer();
    closeAfterwards(issuer);
    const { url } = await startBehind({}, { ...issuer.settings, METRICS: 'open' });
    expect((await samples(url)).size).toBeGreaterThan(0);
  });
});

test.each([
  ['METRICS', '/metrics'],
  ['DOCS', '/docs'],
  ['OPENAPI', '/openapi.json'],
  ['OPENAPI', '/docs/json'],
])('with %s=off, %s responds 404', async (variable, path) => {
  const { url } = await startBehind({}, { [variable]: 'off' });
  expect((await problemIn(await fetch(`${url}${path}`))).status).toBe(404);
});

const dashboardSchema = z.object({
  panels: z.array(
    z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })) }),
  ),
});

test('the Grafana dashboard queries only metrics and labels that exist', async () => {
  const { url } = await startBehind({});
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
      const queried = [...expr.matchAll(/(\w+)\{/g)].map(([, name = '']) => name);
      expect([title, queried.length]).not.toEqual([title, 0]);
      const labels = new Set(queried.flatMap((name) => [...(known.get(name) ?? [])]));
      expect([title, queried.filter((name) => !known.has(name))]).toEqual([title, []]);
      const grouped = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, by = '']) =>
        by.split(', '),
      );
      expect([title, grouped.filter((label) => !labels.has(label))]).toEqual([title, []]);
    }
  }
});
