import { afterAll, beforeAll, expect, test } from 'vitest';
import { traceHeaderOf } from '../../src/step-functions/trace-header.ts';
import { onboardingRequest, type RunningApp, startApp } from '../support/app.ts';
import { post, startPath, syncPath } from '../support/requests.ts';
import {
  type StepFunctionsStub,
  startStepFunctionsStub,
} from '../support/step-functions-stub/stub.ts';

const traceparent = '00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01';
const xRay = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
const otherXRay = xRay.replace('5759e988', '67891233');

test.each([
  ['a traceparent', { traceparent }, xRay],
  [
    'a traceparent that is not sampled',
    { traceparent: traceparent.replace(/01$/, '02') },
    xRay.replace('Sampled=1', 'Sampled=0'),
  ],
  [
    'a traceparent of a later version',
    { traceparent: `${traceparent.replace('00', 'cc')}-more` },
    xRay,
  ],
  ['X-Amzn-Trace-Id', { 'x-amzn-trace-id': xRay }, xRay],
  [
    'X-Amzn-Trace-Id with the fields that a load balancer adds',
    { 'x-amzn-trace-id': `Self=1-67891234-12456789abcdef012345678;${xRay};CalledFrom=app` },
    xRay,
  ],
  [
    'X-Amzn-Trace-Id with only Root',
    { 'x-amzn-trace-id': 'Root=1-5759e988-bd862e3fe1be46a994272793' },
    'Root=1-5759e988-bd862e3fe1be46a994272793',
  ],
  ['traceparent, if both are there,', { traceparent, 'x-amzn-trace-id': otherXRay }, xRay],
  [
    'X-Amzn-Trace-Id beside a malformed traceparent',
    { traceparent: 'x', 'x-amzn-trace-id': otherXRay },
    otherXRay,
  ],
])('%s becomes the trace header', (_what, headers, expected) => {
  expect(traceHeaderOf(headers)).toBe(expected);
});

test.each([
  [{}],
  [{ traceparent: traceparent.replace('00', 'ff') }],
  [{ traceparent: traceparent.toUpperCase() }],
  [{ traceparent: `${traceparent}-more` }],
  [{ traceparent: `${traceparent.replace('00', 'cc')}more` }],
  [{ traceparent: `00-${'0'.repeat(32)}-53995c3f42cd8ad8-01` }],
  [{ traceparent: `00-5759e988bd862e3fe1be46a994272793-${'0'.repeat(16)}-01` }],
  [{ 'x-amzn-trace-id': 'Parent=53995c3f42cd8ad8;Sampled=1' }],
  [{ 'x-amzn-trace-id': 'Root=2-5759e988-bd862e3fe1be46a994272793' }],
  [{ 'x-amzn-trace-id': 'jane@example.com' }],
])('%j gives no trace header', (headers) => {
  expect(traceHeaderOf(headers)).toBeUndefined();
});

let stub: StepFunctionsStub;
let app: RunningApp;
const received: string[] = [];
beforeAll(async () => {
  stub = await startStepFunctionsStub({
    script: ({ members }) => {
      received.push(JSON.stringify(members));
      return undefined;
    },
  });
  app = await startApp(stub.url);
});
afterAll(async () => {
  await app.close();
  await stub.close();
});

test.each([startPath, syncPath])(
  '%s starts the execution in the trace of the caller',
  async (path) => {
    await post(`${app.url}${path}`, onboardingRequest(), { traceparent });
    expect(received.at(-1)).toContain(`"traceHeader":"${xRay}"`);
    await post(`${app.url}${path}`, onboardingRequest());
    expect(received.at(-1)).not.toContain('traceHeader');
  },
);
