import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { bundleService } from '../../src/deploy/web-function/service-bundle.ts';
import { startedResponseSchema } from '../../src/onboarding/responses.ts';
import { startStatusTable, tableName } from '../status-table/harness.ts';
import { type Environment, onboardingRequest } from '../support/app.ts';
import { post, problemIn, startPath, syncPath } from '../support/requests.ts';
import { startServiceProcess } from '../support/service-process.ts';
import { closeAfterwards } from '../support/start-behind.ts';
import { startStepFunctionsStub } from '../support/step-functions-stub/stub.ts';
import { startCollector } from '../tracing/collector.ts';
import { outputFolder, templates } from './template.ts';
import { webFunctionEnvironment } from './web-function-settings.ts';

outputFolder();
const folder = mkdtempSync(join(tmpdir(), 'user-onboarding-bundle-'));
let environment: Environment;
beforeAll(() => {
  bundleService(folder);
  environment = webFunctionEnvironment(templates().webFunction);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

/** Starts the bundle in a child process, with the environment of the web function. */
async function start(settings: Environment = {}, program = 'index.js') {
  const stub = await startStepFunctionsStub({ executionMilliseconds: 100 });
  closeAfterwards(stub);
  const service = await startServiceProcess(
    stub.url,
    {
      ...environment,
      // As Lambda sets it, but on loopback, where callers need not be authenticated.
      AWS_LAMBDA_HTTP_ENDPOINT: '127.0.0.1:0',
      PORT: '1',
      AWS_REGION: 'us-east-1',
      ...settings,
    },
    '',
    join(folder, program),
  );
  return { stub, ...service };
}

/** The headers that Lambda adds to a request. */
function fromLambda(address: string, forwardedBefore = '') {
  return {
    'x-forwarded-for': `${forwardedBefore}${address}`,
    'lambda-web-request-id': 'NF5U6CMIUAWPER24GXDNDEZSVU',
    'lambda-web-endpoint-name': 'prod',
  };
}

test('the bundle serves the routes of the service', async () => {
  const { url } = await start();
  const headers = fromLambda('203.0.113.9');
  const sync = await post(`${url}${syncPath}`, onboardingRequest(), headers);
  expect(sync.status).toBe(200);
  expect(await sync.json()).toMatchObject({ status: 'SUCCEEDED' });

  const started = await post(`${url}${startPath}`, onboardingRequest(), headers);
  expect(started.status).toBe(202);
  const { executionArn } = startedResponseSchema.parse(await started.json());
  expect(started.headers.get('location')).toBe(`/onboarding-status/${executionArn}`);

  const path = `${url}/onboarding-status/${encodeURIComponent(executionArn)}`;
  const held = await fetch(path, { headers: { ...headers, prefer: 'wait=30' } });
  expect(await held.json()).toMatchObject({ executionArn, status: 'SUCCEEDED' });
  const stream = await fetch(path, { headers: { ...headers, accept: 'text/event-stream' } });
  expect(stream.headers.get('content-type')).toBe('text/event-stream');
  expect(await stream.text()).toMatch(/event: status\ndata: .*"status":"SUCCEEDED"/);

  const unknown = await fetch(`${url}/onboardings?email=jane%40example.com`, { headers });
  expect(await problemIn(unknown)).toMatchObject({ status: 404 });
  const large = await post(`${url}${startPath}`, 'x'.repeat(2_000_000), headers);
  expect(await problemIn(large)).toMatchObject({ status: 413 });
});

test('the bundle has the OpenAPI document and Swagger UI', async () => {
  const { url } = await start();
  expect((await fetch(`${url}/openapi.json`)).status).toBe(200);
  const page = await fetch(`${url}/docs`);
  const [, script = ''] = /src="([^"]*swagger-ui-bundle\.js)"/.exec(await page.text()) ?? [];
  const found = await fetch(new URL(script, page.url));
  expect(found.headers.get('content-type')).toMatch(/javascript/);
});

test('the address of a caller is the one that Lambda appends to X-Forwarded-For', async () => {
  const { url } = await start({ RATE_LIMIT_PER_MINUTE: '1' });
  const statusFrom = async (address: string, forwardedBefore?: string) => {
    const headers = fromLambda(address, forwardedBefore);
    return (await post(`${url}${startPath}`, onboardingRequest(), headers)).status;
  };
  expect(await statusFrom('203.0.113.9')).toBe(202);
  expect(await statusFrom('203.0.113.9', '198.51.100.7, ')).toBe(429);
  expect(await statusFrom('198.51.100.7')).toBe(202);
});

test('the status of an execution that another environment started comes from the table', async () => {
  const table = await startStatusTable({ now: Date.now });
  const { url, stub } = await start({
    STATUS_TABLE: tableName,
    AWS_ENDPOINT_URL_DYNAMODB: table.url,
  });
  const executionArn =
    'arn:aws:states:us-east-1:123456789012:execution:user-onboarding:by-another-environment';
  await table.record({
    executionArn,
    status: 'SUCCEEDED',
    startDate: new Date(),
    stopDate: new Date(),
    output: '{"from":"the table"}',
  });
  const response = await fetch(`${url}/onboarding-status/${executionArn}`);
  expect(await response.json()).toMatchObject({ output: '{"from":"the table"}' });
  expect(stub.calls('DescribeExecution')).toBe(0);
});

test('the bundle starts when Lambda imports its main module', async () => {
  writeFileSync(join(folder, 'runtime.js'), "await import('./index.js');\n");
  const { url } = await start({}, 'runtime.js');
  expect((await fetch(`${url}/health/live`)).status).toBe(200);
});

test('credentials come from the endpoint that Lambda provides', async () => {
  let requests = 0;
  const server = createServer((_request, response) => {
    requests += 1;
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({
        AccessKeyId: 'test',
        SecretAccessKey: 'test',
        Token: 'test',
        Expiration: new Date(Date.now() + 3_600_000).toISOString(),
      }),
    );
  });
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const { url } = await start({
    AWS_ACCESS_KEY_ID: '',
    AWS_SECRET_ACCESS_KEY: '',
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${Object(address).port}/`,
  });
  const response = await post(`${url}${syncPath}`, onboardingRequest());
  expect(response.status).toBe(200);
  expect(requests).toBeGreaterThan(0);
});

test('spans are sent to the collector that is set', async () => {
  const collector = await startCollector();
  const { url, child, exited } = await start({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  });
  await post(`${url}${syncPath}`, onboardingRequest());
  child.kill('SIGTERM');
  expect(await exited).toBe(0);
  await vi.waitFor(() =>
    expect(collector.spans().map(({ name }) => name)).toContain(`POST ${syncPath}`),
  );
});
