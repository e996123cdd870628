import { describe, expect, test } from 'vitest';
import { createProgressStore } from '../../../src/functions/statuses/progress.ts';
import { reconcile } from '../../../src/functions/statuses/reconciliation.ts';
import { runningExecutions } from '../../../src/functions/statuses/running-executions.ts';
import { StatusTableError } from '../../../src/status-table/errors.ts';
import { parseStateMachineArn } from '../../../src/step-functions/arns.ts';
import { StepFunctionsError } from '../../../src/step-functions/errors.ts';
import type { Execution } from '../../../src/step-functions/execution.ts';
import { startStatusTable, tableName } from '../../status-table/harness.ts';
import { executionArnOf, standardArn } from '../../support/step-functions-stub/executions.ts';
import { manualClock, simulateExecutions } from './simulated-executions.ts';

const minute = 60_000;
const unavailable = new StepFunctionsError('unavailable');

async function startDeployment(pageSize?: number) {
  const stateMachine = parseStateMachineArn(standardArn);
  if (!stateMachine) throw new Error('Not the ARN of a state machine.');
  const clock = manualClock(Date.parse('2026-01-02T03:04:05Z'));
  const { table, recorder, item, client } = await startStatusTable({ now: clock.now });
  const executions = simulateExecutions(clock, pageSize);
  return {
    ...executions,
    clock,
    item,
    recorder,
    /** Records the state as the event of EventBridge does. */
    deliver: (execution: Execution) => recorder.record({ execution, trackingId: 'user-88888' }),
    stored: async (name: string) =>
      (await table.read([executionArnOf(name)])).get(executionArnOf(name)),
    statuses: async (names: readonly string[]) => {
      const arns = names.map(executionArnOf);
      const found = await table.read(arns);
      return arns.map((arn) => found.get(arn)?.status);
    },
    run: (duration = 50_000) =>
      reconcile(
        {
          executionReader: executions.executionReader,
          recorder,
          table,
          async running(startedBefore) {
            const error = executions.broken.get('table');
            if (error) throw error;
            return runningExecutions(client, tableName, startedBefore);
          },
          progress: createProgressStore(client, tableName),
        },
        { stateMachine, clock, until: clock.now() + duration },
      ),
  };
}

describe('a run recovers the lost events of', () => {
  test('the end of an execution', async () => {
    const { start, end, deliver, clock, run, stored, calls } = await startDeployment();
    await deliver(start('a'));
    clock.advance(minute);
    const ended = end('a');
    clock.advance(minute);
    expect(await run()).toMatchObject({ recovered: 1, left: 0, failure: undefined });
    expect(await stored('a')).toEqual(ended);
    expect(await run()).toMatchObject({ recovered: 0, left: 0 });
    expect(calls.describe).toHaveLength(1);
  });

  test.each(['RUNNING', 'SUCCEEDED', 'FAILED', 'ABORTED', 'TIMED_OUT'] as const)(
    'a whole execution that is %s',
    async (status) => {
      const { start, end, clock, run, stored, item } = await startDeployment();
      let execution = start('a');
      if (status !== 'RUNNING') execution = end('a', status);
      clock.advance(2 * minute);
      expect(await run()).toMatchObject({ recovered: 1, failure: undefined });
      expect(await stored('a')).toEqual(execution);
      expect(await item(executionArnOf('a'))).toMatchObject({ trackingId: { S: 'user-88888' } });
    },
  );

  test('a redrive, and later the end after it', async () => {
    const { start, end, redrive, deliver, clock, run, stored } = await startDeployment();
    start('a');
    await deliver(end('a', 'FAILED'));
    clock.advance(2 * minute);
    const redriven = redrive('a');
    clock.advance(2 * minute);
    expect(await run()).toMatchObject({ recovered: 1 });
    expect(await stored('a')).toEqual(redriven);
    clock.advance(minute);
    const ended = end('a');
    expect(await run()).toMatchObject({ recovered: 1 });
    expect(await stored('a')).toEqual(ended);
  });

  test('a whole redrive of an execution that ended days ago', async () => {
    const { start, end, redrive, deliver, clock, run, stored, calls } = await startDeployment();
    await deliver(start('a'));
    await deliver(end('a', 'FAILED'));
    clock.advance(3 * 1440 * minute);
    redrive('a');
    const ended = end('a');
    clock.advance(2 * minute);
    expect(await run()).toMatchObject({ recovered: 1 });
    expect(await stored('a')).toEqual(ended);
    clock.advance(minute);
    expect(await run()).toMatchObject({ recovered: 0 });
    expect(calls.describe).toHaveLength(1);
  });

  test('the end of an execution that ran for days', async () => {
    const { start, end, deliver, clock, run, stored } = await startDeployment();
    await deliver(start('a'));
    clock.advance(3 * 1440 * minute);
    const ended = end('a');
    expect(await run()).toMatchObject({ recovered: 1 });
    expect(await stored('a')).toEqual(ended);
  });
});

describe('a whole execution whose events were lost is recovered', () => {
  test.each(['table', 'all', 'redriven', 'running'])(
    'after the table or a list could not be read for an hour: %s',
    async (out) => {
      const { start, end, redrive, deliver, clock, run, stored, broken } = await startDeployment(1);
      // The list of all executions is not read back to the older of these.
      for (const name of ['old', 'younger']) {
        start(name);
        await deliver(end(name, 'FAILED'));
        clock.advance(minute);
      }
      clock.advance(1440 * minute);
      await run();
      redrive('old');
      const redriven = end('old');
      start('new');
      const ended = end('new');
      broken.set(out, unavailable);
      for (let minutes = 0; minutes < 60; minutes += 1) {
        clock.advance(minute);
        await run().catch(() => undefined);
      }
      broken.clear();
      clock.advance(minute);
      await run();
      expect(await stored('old')).toEqual(redriven);
      expect(await stored('new')).toEqual(ended);
    },
  );

  test('after no run was made for a day', async () => {
    const { start, end, clock, run, stored } = await startDeployment();
    await run();
    start('a');
    const ended = end('a');
    clock.advance(1440 * minute);
    expect(await run()).toMatchObject({ recovered: 1, left: 0 });
    expect(await stored('a')).toEqual(ended);
  });

  test('after it could not be described for an hour, whether it runs or has ended', async () => {
    const { start, end, clock, run, stored, broken } = await startDeployment();
    start('a');
    start('b');
    const ended = end('a');
    for (const name of ['a', 'b']) broken.set(executionArnOf(name), unavailable);
    for (let minutes = 0; minutes < 60; minutes += 1) {
      clock.advance(minute);
      await run();
    }
    broken.clear();
    expect(await run()).toMatchObject({ recovered: 2, left: 0 });
    expect(await stored('a')).toEqual(ended);
    expect(await stored('b')).toMatchObject({ status: 'RUNNING' });
  });

  test('after it could not be marked as lost', async () => {
    const { start, end, clock, run, stored, recorder } = await startDeployment();
    await run();
    start('a');
    const ended = end('a');
    clock.advance(2 * minute);
    const { markLost } = recorder;
    recorder.markLost = async () => {
      throw new StatusTableError('throttled');
    };
    await expect(run()).rejects.toMatchObject({ failure: 'throttled' });
    recorder.markLost = markLost;
    clock.advance(60 * minute);
    await run();
    expect(await stored('a')).toEqual(ended);
  });

  test('after it was redriven, and could not be described for an hour', async () => {
    const { start, end, redrive, deliver, clock, run, stored, broken } = await startDeployment();
    start('a');
    await deliver(end('a', 'FAILED'));
    clock.advance(1440 * minute);
    await run();
    redrive('a');
    const ended = end('a');
    broken.set(executionArnOf('a'), unavailable);
    for (let minutes = 0; minutes < 60; minutes += 1) {
      clock.advance(minute);
      await run();
    }
    broken.clear();
    expect(await run()).toMatchObject({ recovered: 1, left: 0 });
    expect(await stored('a')).toEqual(ended);
  });

  test('when far more are lost at once than a run can describe', async () => {
    const { start, end, clock, run, statuses, calls } = await startDeployment();
    const names = Array.from({ length: 500 }, (_, index) => `e${index}`);
    for (const name of names) {
      start(name);
      end(name);
    }
    for (let runs = 0; runs < 6; runs += 1) {
      clock.advance(minute);
      await run();
    }
    expect(new Set(await statuses(names))).toEqual(new Set(['SUCCEEDED']));
    expect(calls.describe).toHaveLength(names.length);
  });

  /** More executions than a run can list have started since `lost`. */
  async function startMany() {
    const deployment = await startDeployment(1);
    const { start, end, deliver, clock, run } = deployment;
    await run();
    start('lost');
    const ended = end('lost');
    for (let name = 0; name < 100; name += 1) {
      clock.advance(1000);
      start(`e${name}`);
      await deliver(end(`e${name}`));
    }
    const runs = async (count: number) => {
      for (let minutes = 0; minutes < count; minutes += 1) {
        clock.advance(minute);
        await run();
      }
    };
    return { ...deployment, ended, runs };
  }

  test('when more executions were started than a run can list', async () => {
    const { runs, ended, stored } = await startMany();
    await runs(6);
    expect(await stored('lost')).toEqual(ended);
  });

  test('when the token of the next page expires between two runs', async () => {
    const { runs, ended, stored, executionReader } = await startMany();
    const tokens = new Set<string | undefined>([undefined]);
    const { list } = executionReader;
    executionReader.list = async (machine, which, nextToken) => {
      if (!tokens.has(nextToken)) throw new StepFunctionsError('unforeseen');
      const page = await list(machine, which, nextToken);
      tokens.add(page.nextToken);
      return page;
    };
    await runs(3);
    tokens.clear();
    tokens.add(undefined);
    await runs(7);
    expect(await stored('lost')).toEqual(ended);
  });
});

describe('a run does not describe an execution', () => {
  test('whose events were on time, whatever its status', async () => {
    const { start, end, redrive, deliver, clock, run, calls } = await startDeployment();
    for (const name of ['a', 'b', 'c', 'd']) await deliver(start(name));
    await deliver(end('b'));
    await deliver(end('c', 'FAILED'));
    await deliver(end('d', 'FAILED'));
    await deliver(redrive('d'));
    for (let minutes = 0; minutes < 5; minutes += 1) {
      clock.advance(minute);
      expect(await run()).toMatchObject({ recovered: 0, left: 0, failure: undefined });
    }
    expect(calls.describe).toEqual([]);
  });

  test('that started so recently that its events may still come', async () => {
    const { start, end, deliver, clock, run, calls } = await startDeployment();
    start('a');
    await deliver(start('b'));
    end('b');
    clock.advance(89_999);
    expect(await run()).toMatchObject({ recovered: 0 });
    expect(calls.describe).toEqual([]);
  });

  test('that was redriven so recently that its events may still come', async () => {
    const { start, end, redrive, deliver, clock, run, calls } = await startDeployment();
    start('a');
    await deliver(end('a', 'FAILED'));
    clock.advance(1440 * minute);
    redrive('a');
    clock.advance(89_000);
    expect(await run()).toMatchObject({ recovered: 0 });
    end('a');
    expect(await run()).toMatchObject({ recovered: 0 });
    expect(calls.describe).toEqual([]);
  });

  test('that ended before the table existed', async () => {
    const { start, end, clock, run, calls } = await startDeployment();
    start('a');
    end('a');
    clock.advance(10 * minute);
    expect(await run()).toMatchObject({ recovered: 0, left: 0 });
    expect(calls.describe).toEqual([]);
  });

  test('that ended between the reads of the table and of the list', async () => {
    const { start, end, deliver, clock, run, calls, executionReader } = await startDeployment();
    await deliver(start('a'));
    clock.advance(2 * minute);
    const { list } = executionReader;
    executionReader.list = async (...which) => {
      await deliver(end('a'));
      return list(...which);
    };
    expect(await run()).toMatchObject({ recovered: 0 });
    expect(calls.describe).toEqual([]);
  });

  test('that ended and left the lists between the reads of the indexes and of its item', async () => {
    const deployment = await startDeployment();
    const { start, end, deliver, clock, run, calls, executionReader } = deployment;
    await deliver(start('a'));
    clock.advance(2 * minute);
    const { list } = executionReader;
    executionReader.list = async (...which) => {
      await deliver(end('a'));
      deployment.delete('a');
      return list(...which);
    };
    expect(await run()).toMatchObject({ recovered: 0, forgotten: 0 });
    expect(calls.describe).toEqual([]);
  });
});

test('a run deletes an execution that Step Functions no longer has', async () => {
  const deployment = await startDeployment();
  const { start, deliver, clock, run, stored } = deployment;
  await deliver(start('a'));
  deployment.delete('a');
  clock.advance(2 * minute);
  expect(await run()).toMatchObject({ recovered: 0, forgotten: 1, left: 0, failure: undefined });
  expect(await stored('a')).toBeUndefined();
});

describe('a run is bounded', () => {
  test('by three DescribeExecution calls a second and by its time; the next run continues', async () => {
    const { start, end, deliver, clock, run, calls } = await startDeployment();
    for (let name = 0; name < 40; name += 1) {
      await deliver(start(`e${name}`));
      end(`e${name}`);
    }
    clock.advance(2 * minute);
    const { now } = clock;
    const begin = now();
    const { recovered, left } = await run(10_000);
    expect(recovered + left).toBe(40);
    expect(recovered).toBeLessThanOrEqual(31);
    expect(now() - begin).toBeLessThanOrEqual(10_400);
    clock.advance(minute);
    expect(await run()).toMatchObject({ recovered: left, left: 0 });
    expect(calls.describe).toHaveLength(40);
  });

  test('by 80 pages of ListExecutions; executions beyond them do not count as ended', async () => {
    const { start, deliver, clock, run, calls } = await startDeployment(1);
    for (let name = 0; name < 100; name += 1) {
      await deliver(start(`e${name}`));
      clock.advance(1);
    }
    clock.advance(10 * minute);
    expect(await run()).toMatchObject({ recovered: 0, left: 0, failure: undefined });
    expect(calls).toEqual({ describe: [], list: 80 });
  });
});

describe('a failure', () => {
  const failing = async () => {
    const deployment = await startDeployment();
    for (const name of ['a', 'b', 'c']) {
      await deployment.deliver(deployment.start(name));
      deployment.end(name);
      deployment.clock.advance(1000);
    }
    deployment.clock.advance(2 * minute);
    return deployment;
  };

  test('for one execution does not affect the others', async () => {
    const { run, broken } = await failing();
    const error = new StepFunctionsError('unforeseen');
    broken.set(executionArnOf('a'), error);
    expect(await run()).toMatchObject({ recovered: 2, left: 1, failure: error });
    broken.clear();
    expect(await run()).toMatchObject({ recovered: 1, left: 0, failure: undefined });
  });

  test.each(['throttled', 'misconfigured'] as const)(
    'that is %s leaves the rest to the next run',
    async (failure) => {
      const { run, broken, calls } = await failing();
      const error = new StepFunctionsError(failure);
      broken.set(executionArnOf('a'), error);
      expect(await run()).toMatchObject({ recovered: 0, left: 3, failure: error });
      expect(calls.describe).toHaveLength(1);
    },
  );

  test.each(['all', 'running', 'redriven'] as const)(
    'to list %s executions ends no execution that may still run',
    async (which) => {
      const { run, broken, stored, start, deliver, clock } = await failing();
      await deliver(start('d'));
      clock.advance(2 * minute);
      const error = new StepFunctionsError('throttled');
      broken.set(which, error);
      expect(await run()).toMatchObject({ failure: error });
      expect(await stored('d')).toMatchObject({ status: 'RUNNING' });
      broken.clear();
      await run();
      for (const name of ['a', 'b', 'c']) {
        expect(await stored(name)).toMatchObject({ status: 'SUCCEEDED' });
      }
    },
  );
});

test('when one event in fifty is lost, every status is right three minutes after the end', async () => {
  const { start, end, deliver, clock, run, statuses, calls } = await startDeployment();
  let random = 1;
  let lost = 0;
  const deliverMostly = async (execution: Execution) => {
    // A linear congruential generator: every run of the test loses the same events.
    random = (random * 1_103_515_245 + 12_345) % 2 ** 31;
    if (random % 50 === 0) lost += 1;
    else await deliver(execution);
  };
  const perSecond = 2;
  const begun = 240;
  const ends = new Map<number, string[]>();
  let checked = 0;
  for (let second = 0; second < begun + 180 + 180; second += 1) {
    for (const name of ends.get(second) ?? []) await deliverMostly(end(name));
    for (let each = 0; each < perSecond && second < begun; each += 1) {
      const name = `e${second}-${each}`;
      await deliverMostly(start(name));
      const at = second + 1 + ((second * 7 + each * 31) % 170);
      ends.set(at, [...(ends.get(at) ?? []), name]);
    }
    if (second % 60 === 59) {
      const before = clock.now();
      await run();
      clock.advance(before - clock.now());
    }
    const settled = ends.get(second - 180) ?? [];
    expect(new Set(await statuses(settled))).toEqual(new Set(settled.length ? ['SUCCEEDED'] : []));
    checked += settled.length;
    clock.advance(1000);
  }
  expect(checked).toBe(begun * perSecond);
  expect(lost).toBeGreaterThan(10);
  expect(calls.describe.length).toBeLessThanOrEqual(lost);
});
