import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { fromRows } from '../../../src/local-aws/console/page/step-rows.ts';
import type {
  EventPage,
  EventView,
  ExecutionSummary,
  ExecutionUpdate,
} from '../../../src/local-aws/console/view.ts';
import type { Json } from '../../../src/local-aws/states-language/execution.ts';
import { startWithConsole, type WithConsole } from './start-console.ts';

let local: WithConsole;
/** The path of an execution with a Task that succeeds in its third attempt. */
let retried: string;
/** The path of an execution with a Map of 30 items, of two states each. */
let each: string;

beforeAll(async () => {
  let calls = 0;
  const handler = async () => {
    calls += 1;
    if (calls < 3) throw new TypeError('not yet');
    return {};
  };
  local = await startWithConsole({ functions: new Map([['fails-twice', { handler }]]) });
  [retried, each] = await Promise.all([run('retried', retriedStates), run('each', eachStates)]);
});
afterAll(() => local?.close());

async function getJson<T>(path: string): Promise<T> {
  const response = await fetch(local.url + path);
  const body = JSON.parse(await response.text());
  if (!response.ok) throw new Error(body.message);
  return body;
}

async function getSteps(path: string) {
  const { steps } = await getJson<ExecutionUpdate>(path);
  return [...fromRows(steps, (id) => id)];
}

/** Returns the ARN of a new execution. */
async function startExecution(stateMachineArn: string): Promise<string> {
  const response = await fetch(`${local.url}/api/executions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ stateMachineArn, input: '{"secret":"input"}' }),
  });
  return JSON.parse(await response.text()).arn;
}

/** Runs an execution of a new state machine, and returns its path in the API once it has ended. */
async function run(name: string, states: Readonly<Record<string, Json>>): Promise<string> {
  const arn = await startExecution(await local.createStateMachine(name, states));
  const path = `/api/executions/${encodeURIComponent(arn)}`;
  const isSuccessful = async () =>
    expect((await getJson<ExecutionUpdate>(path)).status).toBe('SUCCEEDED');
  await vi.waitFor(isSuccessful, { timeout: 10_000 });
  return path;
}

const retriedStates = {
  Before: { Type: 'Pass', Next: 'Call' },
  Call: {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: 'fails-twice', Payload: {} },
    Retry: [{ ErrorEquals: ['TypeError'], IntervalSeconds: 1, MaxDelaySeconds: 1 }],
    End: true,
  },
};
const eachStates = {
  Each: {
    Type: 'Map',
    Items: '{% [1..30] %}',
    ItemProcessor: {
      StartAt: 'One',
      States: { One: { Type: 'Pass', Next: 'Two' }, Two: { Type: 'Pass', End: true } },
    },
    End: true,
  },
};

test('a step has the step before it, and its failed attempts with the waits between them', async () => {
  const [before, call] = await getSteps(retried);
  expect(before).toMatchObject({ name: 'Before', type: 'Pass', status: 'SUCCEEDED', attempts: 1 });
  expect(before?.pastAttempts).toBeUndefined();
  expect(call).toMatchObject({
    name: 'Call',
    before: before?.id,
    attempts: 3,
    pastAttempts: [{ isWait: false }, { isWait: true }, { isWait: false }, { isWait: true }],
  });
  const times = [
    call?.entered,
    ...(call?.pastAttempts ?? []).map(({ until }) => until),
    call?.exited,
  ];
  expect(times).toEqual(times.toSorted((a = 0, b = 0) => a - b));
});

test('the steps of a Map are within it, each after the one before it in its iteration', async () => {
  const [map, ...inside] = await getSteps(each);
  expect(inside).toHaveLength(60);
  expect(new Set(inside.map(({ within }) => within))).toEqual(new Set([map?.id]));
  const one = inside.find(({ name, iteration }) => name === 'One' && iteration === 7);
  const two = inside.find(({ name, iteration }) => name === 'Two' && iteration === 7);
  expect(one?.before).toBeUndefined();
  expect(two?.before).toBe(one?.id);
});

test('only steps that changed after the known events are returned', async () => {
  const { events } = await getJson<ExecutionUpdate>(each);
  expect(await getSteps(`${each}?events=${events}`)).toEqual([]);
  // The last events end the Map and the execution.
  const last = await getSteps(`${each}?events=${events - 2}`);
  expect(last.map(({ name }) => name)).toEqual(['Each']);
  const middle = await getSteps(`${each}?events=${events >> 1}`);
  const all = await getSteps(each);
  const changed = all.filter(({ lastEventId }) => lastEventId > events >> 1);
  expect(middle).toEqual(expect.arrayContaining(changed));
});

test('what never changes is returned only until events are known', async () => {
  const { constants, events } = await getJson<ExecutionUpdate>(each);
  expect(constants).toMatchObject({ input: '{"secret":"input"}' });
  expect(await getJson<ExecutionUpdate>(`${each}?events=${events}`)).not.toHaveProperty(
    'constants',
  );
});

test('events are returned in pages, newest first and without data', async () => {
  const { events } = await getJson<ExecutionUpdate>(each);
  const first = await getJson<EventPage>(`${each}/events`);
  expect(first).toMatchObject({ events, page: 0, pages: Math.ceil(events / 25) });
  expect(first.rows[0]).toMatchObject({ id: events, type: 'ExecutionSucceeded', state: 'Each' });
  expect(first.rows.map(({ id }) => id)).toEqual(
    Array.from({ length: 25 }, (_, index) => events - index),
  );
  // A page after the last is the last, which has the oldest events.
  const last = await getJson<EventPage>(`${each}/events?page=999`);
  expect(last.page).toBe(last.pages - 1);
  expect(last.rows.at(-1)).toMatchObject({ id: 1, type: 'ExecutionStarted' });
  expect(JSON.stringify(last)).not.toContain('secret');
});

test.each([
  ['a type', 'TASKFAILED', 2],
  ['a state', ' before ', 2],
  ['an error', 'typeerror', 2],
  ['nothing', 'no such thing', 0],
])('events can be searched by %s', async (_what, text, count) => {
  const query = new URLSearchParams({ text });
  const { rows, pages } = await getJson<EventPage>(`${retried}/events?${query}`);
  expect([rows.length, pages]).toEqual([count, 1]);
});

test('an event, and the events of a step, have their data', async () => {
  const started = await getJson<EventView>(`${each}/events/1`);
  expect(started).toMatchObject({ executionStartedEventDetails: { input: '{"secret":"input"}' } });
  await expect(getJson(`${each}/events/9999`)).rejects.toThrow('has no event 9999');

  const steps = await getSteps(each);
  const ofMap = await getJson<EventView[]>(`${each}/steps/${steps[0]?.id}/events`);
  expect(ofMap.map(({ type }) => type)).toEqual([
    'MapStateEntered',
    'MapStateStarted',
    'MapStateSucceeded',
    'MapStateExited',
    'ExecutionSucceeded',
  ]);
  expect(ofMap[0]).toMatchObject({ stateEnteredEventDetails: { input: '{"secret":"input"}' } });
  const iterations = await getJson<EventView[]>(`${each}/steps/${steps[0]?.id}/iterations`);
  expect(iterations).toHaveLength(60);
});

test('a running execution is listed with a state that has not ended', async () => {
  const wait = { StartAt: 'Rest', States: { Rest: { Type: 'Wait', Seconds: 600, End: true } } };
  const quick = { StartAt: 'Quick', States: { Quick: { Type: 'Pass', End: true } } };
  const stateMachineArn = await local.createStateMachine('both', {
    Both: { Type: 'Parallel', Branches: [wait, quick], End: true },
  });
  await startExecution(stateMachineArn);
  const isResting = async () => {
    const all = await getJson<ExecutionSummary[]>('/api/executions');
    expect(all.find(({ stateMachine }) => stateMachine === 'both')?.note).toBe('Rest, waiting');
  };
  await vi.waitFor(isResting, { timeout: 5000 });
});
