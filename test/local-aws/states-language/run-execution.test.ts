import { describe, expect, test } from 'vitest';
import type { Json, NewHistoryEvent } from '../../../src/local-aws/states-language/execution.ts';
import { eventTypes, execute, failureOf, machine, single, workflow } from './execute.ts';

const untilAborted = (_taskArguments: Json, signal: AbortSignal) =>
  new Promise<Json>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
const ignoringAborts = () => new Promise<Json>(() => {});
const invoke = (more: object) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  End: true,
  ...more,
});

describe('a Task', () => {
  test.each([
    ['TimeoutSeconds', { TimeoutSeconds: 10 }, 'States.Timeout', 10],
    [
      'TimeoutSeconds in JSONata',
      { TimeoutSeconds: '{% $states.input.limit %}' },
      'States.Timeout',
      20,
    ],
    ['HeartbeatSeconds', { HeartbeatSeconds: 5 }, 'States.HeartbeatTimeout', 5],
    [
      'the shorter of both',
      { TimeoutSeconds: 10, HeartbeatSeconds: '{% 3 %}' },
      'States.HeartbeatTimeout',
      3,
    ],
  ])('times out after %s', async (_what, fields, error, seconds) => {
    for (const task of [untilAborted, ignoringAborts]) {
      const { outcome, elapsed, events } = await execute(machine({ Call: invoke(fields) }), {
        input: { limit: 20 },
        tasks: { 'lambda:invoke': task },
      });
      expect(outcome).toEqual({ status: 'FAILED', error, cause: undefined });
      expect(elapsed).toBe(seconds);
      expect(eventTypes(events).at(-2)).toBe('TaskTimedOut');
    }
  });

  test('has the full TimeoutSeconds in every retry', async () => {
    const definition = machine({
      Call: invoke({
        TimeoutSeconds: 10,
        Retry: [{ ErrorEquals: ['States.Timeout'], MaxAttempts: 2 }],
      }),
    });
    const { outcome, elapsed } = await execute(definition, {
      tasks: { 'lambda:invoke': untilAborted },
    });
    expect(outcome).toMatchObject({ error: 'States.Timeout' });
    expect(elapsed).toBe(10 + 1 + 10 + 2 + 10);
  });

  test('aborts the integration’s signal when it times out', async () => {
    let aborted = false;
    const task = (_taskArguments: Json, signal: AbortSignal) => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      return ignoringAborts();
    };
    await execute(machine({ Call: invoke({ TimeoutSeconds: 1 }) }), {
      tasks: { 'lambda:invoke': task },
    });
    expect(aborted).toBe(true);
  });

  test('that ended in time does not time out later', async () => {
    const definition = machine({
      Call: invoke({ TimeoutSeconds: 1, Next: 'Wait', End: false }),
      Wait: { Type: 'Wait', Seconds: 60, End: true },
    });
    const { outcome } = await execute(definition, { tasks: { 'lambda:invoke': async () => 1 } });
    expect(outcome).toEqual({ status: 'SUCCEEDED', output: 1 });
  });

  test.each([
    { TimeoutSeconds: "{% '3' %}" },
    { TimeoutSeconds: '{% -1 %}' },
    { TimeoutSeconds: '{% 0 %}' },
    { TimeoutSeconds: '{% 1.6 %}' },
    { TimeoutSeconds: '{% $states.input.absent %}' },
    { HeartbeatSeconds: '{% 100000000 %}' },
  ])('fails for the invalid %o', async (fields) => {
    const failure = await failureOf(machine({ Call: invoke(fields) }), {
      tasks: { 'lambda:invoke': async () => 1 },
    });
    expect(failure).toMatchObject({ error: 'States.QueryEvaluationError' });
  });
});

describe("the execution's TimeoutSeconds", () => {
  const waiting: [string, object][] = [
    ['a Wait', { Type: 'Wait', Seconds: 3600, End: true }],
    ['a Task', invoke({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Slow' }] })],
    [
      'a Parallel',
      {
        Type: 'Parallel',
        End: true,
        Branches: [workflow({ Inner: { Type: 'Wait', Seconds: 3600, End: true } })],
      },
    ],
  ];
  test.each(waiting)('ends an execution that is in %s', async (_what, Slow) => {
    const definition = machine({ Slow }, { TimeoutSeconds: 60 });
    const { outcome, events, elapsed } = await execute(definition, {
      tasks: { 'lambda:invoke': ignoringAborts },
    });
    expect(outcome).toEqual({ status: 'TIMED_OUT', error: undefined, cause: undefined });
    expect(elapsed).toBe(60);
    expect(events.at(-1)).toEqual({
      type: 'ExecutionTimedOut',
      previousEventId: 0,
      executionTimedOutEventDetails: {},
    });
    expect(eventTypes(events)).not.toContain('ExecutionFailed');
  });

  test('does not affect an execution that ends in time', async () => {
    const definition = machine(
      { Wait: { Type: 'Wait', Seconds: 59, End: true } },
      { TimeoutSeconds: 60 },
    );
    const { outcome, openSleeps } = await execute(definition);
    expect(outcome.status).toBe('SUCCEEDED');
    expect(openSleeps).toBe(0);
  });
});

describe('an aborted signal', () => {
  const reason = new Error('stopped');

  test.each([
    ['a Wait', { Type: 'Wait', Seconds: 3600, End: true }],
    ['a Task that ignores its signal', invoke({})],
    [
      'a Map',
      {
        Type: 'Map',
        Items: [1, 2],
        End: true,
        ItemProcessor: { StartAt: 'Inner', States: { Inner: invoke({}) } },
      },
    ],
  ])('ends %s, and the execution rejects with the reason', async (_what, Slow) => {
    const controller = new AbortController();
    const execution = execute(machine({ Slow }), {
      tasks: { 'lambda:invoke': ignoringAborts },
      signal: controller.signal,
    });
    controller.abort(reason);
    await expect(execution).rejects.toBe(reason);
  });

  test('lets no execution start', async () => {
    const events: NewHistoryEvent[] = [];
    const execution = execute(machine({ Call: invoke({}) }), {
      events,
      signal: AbortSignal.abort(reason),
    });
    await expect(execution).rejects.toBe(reason);
    expect(events).toEqual([]);
  });
});

describe('an endless execution', () => {
  const endless = machine({
    Again: { Type: 'Pass', Next: 'More' },
    More: { Type: 'Choice', Choices: [{ Condition: false, Next: 'End' }], Default: 'Again' },
    End: { Type: 'Succeed' },
  });

  test('fails at its 25,000th event', async () => {
    const { outcome, events } = await execute(endless);
    expect(outcome).toEqual({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: 'The execution reached the maximum number of history events (25000).',
    });
    expect(events).toHaveLength(25_000);
    expect(events.at(-1)?.type).toBe('ExecutionFailed');
  });

  test('does not starve the event loop', async () => {
    const controller = new AbortController();
    setImmediate(() => setImmediate(() => controller.abort('a turn')));
    const options = { signal: controller.signal, eventLimit: Number.POSITIVE_INFINITY };
    await expect(execute(endless, options)).rejects.toBe('a turn');
  });
});

describe('data that is nested too deeply for JSON.stringify', () => {
  test('fails the expression that returns it', async () => {
    const source = "{% $parse($pad('', 100000, '[') & $pad('', 100000, ']')) %}";
    const { outcome } = await execute(single({ Type: 'Pass', Output: source }));
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
  });

  test('fails the Task that returns it', async () => {
    let deep: Json = [];
    for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
    const { outcome } = await execute(machine({ Call: invoke({}) }), {
      tasks: { 'lambda:invoke': async () => deep },
    });
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  });
});
