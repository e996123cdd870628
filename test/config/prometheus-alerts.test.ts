import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { startApp } from '../support/app.ts';
import { startStepFunctionsStub } from '../support/step-functions-stub/stub.ts';

const textOf = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const rules = z
  .object({
    groups: z.array(
      z.object({
        rules: z.array(
          z.object({
            alert: z.string(),
            expr: z.string(),
            annotations: z.object({ runbook: z.string() }),
          }),
        ),
      }),
    ),
  })
  .parse(parse(textOf('config/prometheus-alerts.yaml')))
  .groups.flatMap((group) => group.rules);
const names = rules.map(({ alert }) => alert);

test('each alert fires in a promtool test (npm run test:alerts runs them)', () => {
  const tested = z
    .object({
      tests: z.array(
        z.object({
          alert_rule_test: z
            .array(z.object({ alertname: z.string(), exp_alerts: z.array(z.unknown()).min(1) }))
            .default([]),
        }),
      ),
    })
    .parse(parse(textOf('test/config/prometheus-alerts.test.yaml')))
    .tests.flatMap((each) => each.alert_rule_test.map(({ alertname }) => alertname));
  expect(tested).toEqual(names);
});

test('the alerts query only metrics that the service has', async () => {
  const stub = await startStepFunctionsStub();
  const { url, close } = await startApp(stub.url, { METRICS: 'open' });
  const metrics = await (await fetch(`${url}/metrics`)).text();
  await close();
  await stub.close();
  // `up` is a metric of Prometheus itself.
  const families = new Set(['up', ...metrics.matchAll(/^# TYPE (\w+)/gm).map(([, name]) => name)]);
  const used = rules.flatMap(({ expr }) => [...expr.matchAll(/(\w+)\{/g)].map(([, name]) => name));
  expect(used.length).toBeGreaterThanOrEqual(rules.length);
  for (const name of used) expect(families).toContain(name?.replace(/_(bucket|count)$/, ''));
});

test.each(rules)('$alert names the dashboard and the runbook', ({ annotations }) => {
  const { title } = z
    .object({ title: z.string() })
    .parse(JSON.parse(textOf('config/grafana-dashboard.json')));
  expect(textOf('src/deploy/README.md')).toContain('## When an alarm fires');
  expect(annotations.runbook).toBe(
    `See the Grafana dashboard "${title}", and "When an alarm fires" in src/deploy/README.md.`,
  );
});

test.each(names)('the runbook says what to do about %s', (name) => {
  expect(textOf('src/deploy/README.md')).toContain(`\`${name}\``);
});
