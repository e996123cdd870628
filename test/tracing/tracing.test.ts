import { execFile } from 'node:child_process';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { InvalidSettings } from '../../src/settings.ts';
import { startTracing } from '../../src/tracing/start-tracing.ts';
import { type Environment, environmentFor, onboardingRequest } from '../support/app.ts';
import { post, startPath, syncPath } from '../support/requests.ts';
import { startServiceProcess } from '../support/service-process.ts';
import { awsError } from '../support/step-functions-stub/faults.ts';
import { type Call, startStepFunctionsStub } from '../support/step-functions-stub/stub.ts';
import { startCollector } from './collector.ts';

const traceId = '5759e988bd862e3fe1be46a994272793';
const callersSpanId = '53995c3f42cd8ad8';
const traceparent = `00-${traceId}-${callersSpanId}-01`;
const server = 2;
const client = 3;

/** The service, with a collector of its traces and a record of its calls to Step Functions. */
async function startTraced(settings: Environment = {}) {
  const collector = await startCollector();
  const calls: Call[] = [];
  const stub = await startStepFunctionsStub({
    script: (call) => {
      calls.push(call);
      return call.operation === 'StartSyncExecution'
        ? awsError('AccessDeniedException')
        : undefined;
    },
  });
  onTestFinished(() => stub.close());
  const service = await startServiceProcess(stub.url, {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    ...settings,
  });
  /** Stops the process, which flushes its spans, and returns all of them. */
  const stop = async () => {
    service.child.kill('SIGTERM');
    expect(await service.exited).toBe(0);
    return collector.spans();
  };
  return { ...service, collector, calls, stop };
}

/** Sends the headers, and the body only after 100 Continue. */
async function postSlowly(url: string, body: unknown): Promise<void> {
  const sent = request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', traceparent, expect: '100-continue' },
  });
  sent.flushHeaders();
  const response = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    sent.once('continue', () => sent.end(JSON.stringify(body)));
    sent.once('response', resolve);
    sent.once('error', reject);
  });
  await text(response);
}

test('the span of the service is a child of the caller, and the parent of the call and of the execution', async () => {
  const { url, calls, stop, logged } = await startTraced();
  await post(`${url}${startPath}`, onboardingRequest(), { traceparent });
  const { traceId: loggedId } = await logged('request');
  const [started, call] = (await stop()).toSorted((a, b) => a.kind - b.kind);
  expect(started).toMatchObject({
    name: `POST ${startPath}`,
    kind: server,
    traceId,
    parentSpanId: callersSpanId,
    status: { code: 0 },
    attributes: {
      'http.request.method': 'POST',
      'http.route': startPath,
      'url.path': startPath,
      'http.response.status_code': 202,
    },
  });
  expect(call).toMatchObject({
    name: 'SFN.StartExecution',
    kind: client,
    parentSpanId: started?.spanId,
    attributes: {
      'rpc.system': 'aws-api',
      'rpc.service': 'SFN',
      'rpc.method': 'StartExecution',
      'aws.request_id': expect.stringMatching(/^[\da-f-]{36}$/),
    },
  });
  expect(calls[0]?.members).toHaveProperty(
    'traceHeader',
    `Root=1-${traceId.slice(0, 8)}-${traceId.slice(8)};Parent=${started?.spanId};Sampled=1`,
  );
  expect(loggedId).toBe(traceId);
});

test('a call to AWS is in the span of its request even if the body comes late', async () => {
  const { url, stop } = await startTraced();
  await postSlowly(`${url}${startPath}`, onboardingRequest());
  const spans = await stop();
  const parent = spans.find(({ kind }) => kind === server);
  expect(spans.find(({ kind }) => kind === client)?.parentSpanId).toBe(parent?.spanId);
});

test('spans contain nothing that callers send', async () => {
  const { url, collector, stop } = await startTraced();
  const path = '/onboarding-status/planted-arn';
  await fetch(`${url}${path}?email=planted-1@example.com`);
  await fetch(`${url}/users/planted-2@example.com?q=planted-3`);
  await post(`${url}${startPath}?email=planted-4@example.com`, onboardingRequest(), {
    'user-agent': 'planted-5',
  });
  await post(`${url}${startPath}`, '{"planted-6"');
  await post(`${url}${syncPath}`, onboardingRequest());
  const spans = await stop();
  expect(spans.filter(({ kind }) => kind === server).map(({ name }) => name)).toEqual([
    'GET /onboarding-status/:executionArn',
    'GET',
    `POST ${startPath}`,
    `POST ${startPath}`,
    `POST ${syncPath}`,
  ]);
  const sent = collector.received.map(({ body }) => body).join();
  expect(sent).not.toMatch(/planted|example\.com|API Gateway User|FRIEND2025/);
});

test('a span is an error from status 500 on, with the type of the problem', async () => {
  const { url, stop } = await startTraced();
  await post(`${url}${startPath}`, '{');
  await fetch(`${url}/nowhere`);
  await post(`${url}${syncPath}`, onboardingRequest());
  const spans = await stop();
  expect(
    spans.map(({ status, attributes }) => [
      attributes['http.response.status_code'] ?? attributes['rpc.method'],
      status.code === 2 ? attributes['error.type'] : undefined,
    ]),
  ).toEqual([
    [400, undefined],
    [404, undefined],
    ['StartSyncExecution', 'AccessDeniedException'],
    [502, 'step-functions-misconfigured'],
  ]);
  expect(spans.every(({ status, events }) => !status.message && events.length === 0)).toBe(true);
});

test('health and metrics have no spans', async () => {
  const { url, stop } = await startTraced();
  for (const path of ['/health/live', '/health/ready', '/metrics', '/openapi.json']) {
    await fetch(`${url}${path}`);
  }
  expect((await stop()).map(({ name }) => name)).toEqual(['GET /openapi.json']);
});

test.each(['none', 'baggage'])(
  'with OTEL_PROPAGATORS=%s, the service begins its own trace',
  async (none) => {
    const { url, stop } = await startTraced({ OTEL_PROPAGATORS: none });
    await post(`${url}${startPath}`, onboardingRequest(), { traceparent });
    const spans = await stop();
    expect(spans).toHaveLength(2);
    expect(spans.map(({ traceId: id }) => id)).not.toContain(traceId);
  },
);

test('spans are sent in Protobuf by default, with the name of the service', async () => {
  const { url, collector, child, exited } = await startTraced({ OTEL_EXPORTER_OTLP_PROTOCOL: '' });
  await fetch(`${url}/nowhere`);
  child.kill('SIGTERM');
  expect(await exited).toBe(0);
  expect(collector.received.map(({ contentType }) => contentType)).toEqual([
    'application/x-protobuf',
  ]);
  expect(collector.received[0]?.body).toContain('user-onboarding');
});

test('an unreachable collector is logged once, and does not delay the exit', async () => {
  const { url, logged, child, exited, lines } = await startTraced({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    OTEL_EXPORTER_OTLP_TIMEOUT: '100',
    OTEL_BSP_SCHEDULE_DELAY: '10',
  });
  const outage = 'the trace collector does not accept spans';
  await fetch(`${url}/nowhere`);
  await logged(outage);
  await fetch(`${url}/nowhere`);
  child.kill('SIGTERM');
  expect(await exited).toBe(0);
  expect(lines.filter(({ msg }) => msg.startsWith(outage))).toHaveLength(1);
});

test.each([
  ['OTEL_PROPAGATORS', 'xray', 'tracecontext or baggage or none'],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'http/protobuf or http/json'],
  ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'grpc', 'http/protobuf or http/json'],
  ['OTEL_TRACES_EXPORTER', 'console', 'otlp or none'],
])('%s=%s is refused, with the supported values: %s', async (variable, value, expected) => {
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', [variable]: value };
  await expect(startTracing(environment, pino({ level: 'silent' }))).rejects.toThrow(
    new InvalidSettings(`${variable} is wrong: expected ${expected}`),
  );
});

test('tracing without the OpenTelemetry packages ends the start, and says how to install them', async () => {
  const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
  const withoutPackages = `
    import { registerHooks } from 'node:module';
    registerHooks({
      resolve(specifier, context, next) {
        if (!specifier.startsWith('@opentelemetry/sdk')) return next(specifier, context);
        throw Object.assign(new Error(), { code: 'ERR_MODULE_NOT_FOUND' });
      },
    });`;
  const started = promisify(execFile)(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(withoutPackages)}`, main],
    {
      env: { ...environmentFor('http://127.0.0.1:1'), OTEL_TRACES_EXPORTER: 'otlp' },
      cwd: tmpdir(),
    },
  );
  await expect(started).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^OTEL_TRACES_EXPORTER .* run `npm run install:tracing`.*\n$/),
  });
});

test.each([
  {},
  { OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' },
  { OTEL_SDK_DISABLED: 'true', OTEL_TRACES_EXPORTER: 'otlp' },
])('with the environment %j, nothing of OpenTelemetry is loaded', async (environment) => {
  const tracing = fileURLToPath(new URL('../../src/tracing/start-tracing.ts', import.meta.url));
  const code = `
    const { startTracing } = await import(${JSON.stringify(tracing)});
    const tracing = await startTracing(${JSON.stringify(environment)});
    const { default: { createRequire } } = await import('node:module');
    const loaded = Object.keys(createRequire(import.meta.url).cache);
    console.log(tracing, loaded.filter((path) => path.includes('opentelemetry')).length);`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '--eval',
    code,
  ]);
  expect(stdout).toBe('undefined 0\n');
});
