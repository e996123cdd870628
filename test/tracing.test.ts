import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { startTracing } from '../src/tracing.ts';
import { onboardingRequest } from './support/app.ts';
import { post, startPath } from './support/requests.ts';
import { startServiceProcess } from './support/service-process.ts';
import { startStepFunctionsStub } from './support/step-functions-stub/stub.ts';

const traceId = '5759e988bd862e3fe1be46a994272793';

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly kind: number;
  readonly spanId: string;
  readonly parentSpanId?: string;
}

/** Takes traces by OTLP over HTTP in JSON. */
async function startCollector() {
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    bodies.push(await text(request));
    response.setHeader('content-type', 'application/json').end('{}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('Not a TCP server.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    bodies,
    spans: (): Span[] =>
      bodies.flatMap((body) =>
        JSON.parse(body).resourceSpans.flatMap((resource: { scopeSpans: { spans: Span[] }[] }) =>
          resource.scopeSpans.flatMap(({ spans }) => spans),
        ),
      ),
  };
}

test("a request and its call to Step Functions become spans of the caller's trace", async () => {
  const collector = await startCollector();
  const stub = await startStepFunctionsStub();
  onTestFinished(() => stub.close());
  const { url, child, exited } = await startServiceProcess(stub.url, {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_SERVICE_NAME: 'onboarding',
  });
  const traceparent = `00-${traceId}-53995c3f42cd8ad8-01`;
  const answer = await post(`${url}${startPath}`, onboardingRequest(), { traceparent });
  expect(answer.status).toBe(202);
  // What has not been sent yet is sent now.
  child.kill('SIGTERM');
  expect(await exited).toBe(0);

  const spans = collector.spans().filter((span) => span.traceId === traceId);
  const request = spans.find(({ parentSpanId }) => parentSpanId === '53995c3f42cd8ad8');
  const call = spans.find(({ parentSpanId }) => parentSpanId === request?.spanId);
  expect(request).toBeDefined();
  expect(call?.kind).toBe(3);
  const sent = collector.bodies.join();
  expect(sent).toContain('{"stringValue":"onboarding"}');
  expect(sent).not.toMatch(/example\.com|API Gateway User/);
});

test.each([
  {},
  { OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' },
  { OTEL_SDK_DISABLED: 'true', OTEL_TRACES_EXPORTER: 'otlp' },
])('%j loads nothing of OpenTelemetry', async (environment) => {
  const tracing = fileURLToPath(new URL('../src/tracing.ts', import.meta.url));
  const code = `
    const { startTracing } = await import(${JSON.stringify(tracing)});
    await startTracing(${JSON.stringify(environment)});
    const { default: { createRequire } } = await import('node:module');
    console.log(Object.keys(createRequire(import.meta.url).cache).filter((path) => path.includes('opentelemetry/sdk')).length);`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '--eval',
    code,
  ]);
  expect(stdout).toBe('0\n');
  await (await startTracing(environment))();
});
