import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitAnHour } from '../local-aws/local-aws-clients.ts';
import { manualClock } from '../local-aws/manual-clock.ts';
import type { RunningApp } from '../support/app.ts';
import { type AppOnLocalAws, startAppOnLocalAws } from '../support/app-on-local-aws.ts';
import { startOnboarding } from '../support/requests.ts';

const clock = manualClock(Date.now());
const origin = 'https://app.example.com';
let running: AppOnLocalAws;
/** Its workflow ends when the clock moves on by an hour. */
let slow: RunningApp;
let slowWorkflow: string;
beforeAll(async () => {
  running = await startAppOnLocalAws({ clock });
  slowWorkflow = await running.local.createStateMachine('slow', waitAnHour);
  slow = await startSlow();
});
afterAll(async () => {
  await slow.close();
  await running.close();
});

function startSlow(settings = {}): Promise<RunningApp> {
  return running.startAnother({
    STEP_FUNCTIONS_WORKFLOW_ARN: slowWorkflow,
    CORS_ORIGINS: origin,
    ...settings,
  });
}

const stop = (executionArn: string) =>
  running.local.stepFunctions.send(new StopExecutionCommand({ executionArn, error: 'Stopped' }));

interface Event {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: { readonly name?: string; readonly status: string; readonly error?: string };
}

function open(path: string, url = slow.url, headers = {}) {
  return fetch(`${url}/onboarding-status/${path}`, {
    headers: { accept: 'text/event-stream', ...headers },
  });
}

/** The events of a stream, parsed as EventSource does. */
async function* eventsOf(response: Response): AsyncGenerator<Event> {
  let text = '';
  for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(
    new TextDecoderStream(),
  )) {
    text += chunk;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = new Map(
        block.split('\n').map((line) => {
          const colon = line.indexOf(': ');
          return [line.slice(0, colon), line.slice(colon + 2)];
        }),
      );
      const [event, id, data] = ['event', 'id', 'data'].map((name) => fields.get(name));
      if (event && data) yield { event, id, data: JSON.parse(data) };
    }
  }
}

async function next(events: AsyncGenerator<Event>): Promise<Event> {
  const { value, done } = await events.next();
  if (done) throw new Error('The stream has ended.');
  return value;
}

test('a stream sends the current status at once, then the end, and closes', async () => {
  const arn = await startOnboarding(slow.url);
  const response = await open(arn, slow.url, { origin });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('x-accel-buffering')).toBe('no');
  expect(response.headers.get('access-control-allow-origin')).toBe(origin);
  const events = eventsOf(response);
  expect(await next(events)).toMatchObject({
    event: 'status',
    id: 'RUNNING-0',
    data: { status: 'RUNNING', executionArn: arn },
  });
  await stop(arn);
  expect(await next(events)).toMatchObject({
    event: 'status',
    id: 'ABORTED-0',
    data: { status: 'ABORTED', error: 'Stopped' },
  });
  expect(await events.next()).toEqual({ done: true, value: undefined });
});

test('a client that reconnects after the last event gets 204', async () => {
  const arn = await startOnboarding(slow.url);
  await stop(arn);
  let last: string | undefined;
  for await (const { id } of eventsOf(await open(arn))) last = id;
  expect(last).toBe('ABORTED-0');
  const again = await open(arn, slow.url, { 'last-event-id': 'ABORTED-0' });
  expect([again.status, await again.text()]).toEqual([204, '']);
  const elsewhere = await open(arn, slow.url, { 'last-event-id': 'ABORTED-0', origin });
  expect(elsewhere.headers.get('access-control-allow-origin')).toBe(origin);
  const preflight = await fetch(`${slow.url}/onboarding-status/${arn}`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'authorization,last-event-id',
    },
  });
  expect(preflight.headers.get('access-control-allow-headers')).toContain('last-event-id');
  const inBetween = await open(arn, slow.url, { 'last-event-id': 'RUNNING-0' });
  expect(await next(eventsOf(inBetween))).toMatchObject({ id: 'ABORTED-0' });
});

test('with ?steps=true, a stream sends each step as it is entered, and all of them before the end', async () => {
  const arn = await startOnboarding(slow.url);
  const events = eventsOf(await open(`${arn}?steps=true`));
  expect(await next(events)).toMatchObject({ event: 'status', data: { status: 'RUNNING' } });
  const step = await next(events);
  expect(step).toMatchObject({ event: 'step', id: undefined, data: { status: 'RUNNING' } });
  await stop(arn);
  expect(await next(events)).toMatchObject({
    event: 'step',
    data: { name: step.data.name, status: 'ABORTED' },
  });
  expect(await next(events)).toMatchObject({ event: 'status', data: { status: 'ABORTED' } });
});

test('HEAD, and GET that does not prefer text/event-stream, get the status as JSON', async () => {
  const arn = await startOnboarding(slow.url);
  const head = await fetch(`${slow.url}/onboarding-status/${arn}`, {
    method: 'HEAD',
    headers: { accept: 'text/event-stream' },
  });
  expect([head.status, head.headers.get('content-type')]).toEqual([
    200,
    'application/json; charset=utf-8',
  ]);
  for (const accept of ['*/*', 'application/json', 'text/event-stream;q=0, */*']) {
    const response = await open(arn, slow.url, { accept });
    expect(await response.json()).toMatchObject({ status: 'RUNNING' });
  }
});

test('a stream beyond MAX_EVENT_STREAMS gets 503, until one ends', async () => {
  const app = await startSlow({ MAX_EVENT_STREAMS: '1' });
  const arn = await startOnboarding(app.url);
  const leave = new AbortController();
  const first = await fetch(`${app.url}/onboarding-status/${arn}`, {
    headers: { accept: 'text/event-stream' },
    signal: leave.signal,
  });
  expect(first.status).toBe(200);
  const second = await open(arn, app.url);
  expect(second.status).toBe(503);
  expect(second.headers.has('retry-after')).toBe(true);
  expect(await second.json()).toMatchObject({ type: '/problems/too-many-event-streams' });
  leave.abort();
  await expect.poll(async () => (await open(arn, app.url)).status).toBe(200);
  await app.close();
});

test('closing the app ends its streams with a retry field', async () => {
  const app = await startSlow();
  const arn = await startOnboarding(app.url);
  const response = await open(arn, app.url);
  const reading = response.text();
  await app.close();
  const text = await reading;
  expect(text).toContain('"status":"RUNNING"');
  expect(text).toMatch(/retry: \d+\n\n$/);
});

test('20 streams of one execution all get its end', async () => {
  const arn = await startOnboarding(slow.url);
  const streams = await Promise.all(Array.from({ length: 20 }, () => open(arn)));
  const all = streams.map(eventsOf);
  await Promise.all(all.map(next));
  await stop(arn);
  const ends = await Promise.all(all.map(next));
  expect(new Set(ends.map(({ data }) => data.status))).toEqual(new Set(['ABORTED']));
});
