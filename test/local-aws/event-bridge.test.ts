import {
  DescribeExecutionCommand,
  StartExecutionCommand,
  StartSyncExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parseStatusChange } from '../../src/functions/statuses/status-change.ts';
import { type StatusChangeEvent, startEventBridge } from '../../src/local-aws/event-bridge.ts';
import { createStatusTable } from '../../src/status-table/status-table.ts';
import {
  fail,
  type LocalAwsWithClients,
  pass,
  startWithClients,
  waitAnHour,
} from './local-aws-clients.ts';

let local: LocalAwsWithClients;
beforeAll(async () => {
  local = await startWithClients();
});
afterAll(() => local.close());

const until = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 30_000 });

const start = async (stateMachineArn: string, input = '{}') => {
  const command = new StartExecutionCommand({ stateMachineArn, input });
  return (await local.stepFunctions.send(command)).executionArn ?? '';
};

/** Starts a rule for one state machine. It records events, dead letters and the delays of retries. */
function startRule(stateMachineArn: string, target = async (_: unknown) => {}) {
  const events: StatusChangeEvent[] = [];
  const deadLetters: [StatusChangeEvent, unknown][] = [];
  const waits: number[] = [];
  const stop = startEventBridge(
    local.aws.executions,
    {
      stateMachineArn,
      async target(event) {
        events.push(event);
        await target(event);
      },
      onDeadLetter: (...letter) => deadLetters.push(letter),
    },
    {
      now: Date.now,
      async sleep(milliseconds, signal) {
        signal.throwIfAborted();
        waits.push(milliseconds);
      },
    },
  );
  return { events, deadLetters, waits, stop };
}

describe('the events of an execution', () => {
  test('have the shape of AWS, for the start and the success', async () => {
    const arn = await local.createStateMachine('succeeds', pass);
    const { events } = startRule(arn);
    const executionArn = await start(arn, '{"user":{"userId":"user-1"}}');
    await until(() => expect(events).toHaveLength(2));
    const execution = await local.stepFunctions.send(
      new DescribeExecutionCommand({ executionArn }),
    );
    expect(events[0]).toEqual({
      version: '0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'detail-type': 'Step Functions Execution Status Change',
      source: 'aws.states',
      account: '123456789012',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      region: 'us-east-1',
      resources: [executionArn],
      detail: {
        executionArn,
        stateMachineArn: arn,
        name: execution.name,
        status: 'RUNNING',
        startDate: execution.startDate?.getTime(),
        stopDate: null,
        input: '{"user":{"userId":"user-1"}}',
        inputDetails: { included: true },
        output: null,
        outputDetails: null,
        error: null,
        cause: null,
        stateMachineVersionArn: null,
        stateMachineAliasArn: null,
        redriveCount: 0,
        redriveDate: null,
        redriveStatus: 'NOT_REDRIVABLE',
        redriveStatusReason: 'Execution is RUNNING and cannot be redriven',
      },
    });
    expect(events[1]?.detail).toMatchObject({
      status: 'SUCCEEDED',
      stopDate: execution.stopDate?.getTime(),
      output: execution.output,
      outputDetails: { included: true },
    });
    expect(parseStatusChange(events[1])).toMatchObject({ stopDate: execution.stopDate });
  });

  test('have the error and the cause when it fails or is stopped', async () => {
    const fails = await local.createStateMachine('fails', fail);
    const waits = await local.createStateMachine('waits', waitAnHour);
    const { events } = startRule(fails);
    const { events: stopped } = startRule(waits);
    await start(fails);
    await until(() => expect(events).toHaveLength(2));
    const end = { status: 'FAILED', error: 'Refused', cause: 'Because.', output: null };
    expect(events[1]?.detail).toMatchObject({ ...end, redriveStatus: 'REDRIVABLE' });
    const executionArn = await start(waits);
    await local.stepFunctions.send(new StopExecutionCommand({ executionArn, error: 'Stopped' }));
    await until(() => expect(stopped).toHaveLength(2));
    expect(stopped[1]?.detail).toMatchObject({ status: 'ABORTED', error: 'Stopped', cause: null });
  });

  test.each([
    ['leave out both if the output alone is too large', 249, 0, { input: false, output: false }],
    [
      'leave out the input if both together are too large',
      130,
      130,
      { input: false, output: true },
    ],
    ['include both if they fit', 100, 100, { input: true, output: true }],
  ])('%s', async (_, outputKilobytes, inputKilobytes, included) => {
    const output = 'x'.repeat(outputKilobytes * 1024);
    const arn = await local.createStateMachine(`large-${outputKilobytes}`, {
      Pass: { Type: 'Pass', Output: output, End: true },
    });
    const { events } = startRule(arn);
    await start(arn, JSON.stringify('x'.repeat(inputKilobytes * 1024)));
    await until(() => expect(events).toHaveLength(2));
    const { detail } = events[1] ?? {};
    expect(detail?.inputDetails.included).toBe(included.input);
    expect(detail?.outputDetails?.included).toBe(included.output);
    expect(detail?.input === null).toBe(!included.input);
    expect(detail?.output === null).toBe(!included.output);
  });

  test('are not sent for another state machine or an Express one', async () => {
    const express = await local.createStateMachine('express', pass, 'EXPRESS');
    const other = await local.createStateMachine('other', pass);
    const watched = await local.createStateMachine('watched', pass);
    const rules = [startRule(express), startRule(watched)];
    await local.stepFunctions.send(new StartSyncExecutionCommand({ stateMachineArn: express }));
    await start(other);
    const executionArn = await start(watched);
    await until(() => expect(rules[1]?.events).toHaveLength(2));
    expect(rules[0]?.events).toEqual([]);
    expect(rules[1]?.events.map(({ detail }) => detail.executionArn)).toEqual([
      executionArn,
      executionArn,
    ]);
  });
});

test('a burst of events reaches the target twenty at a time', async () => {
  const arn = await local.createStateMachine('burst', waitAnHour);
  const release = Promise.withResolvers<void>();
  const { events } = startRule(arn, () => release.promise);
  for (let count = 0; count < 25; count += 1) await start(arn);
  expect(events).toHaveLength(20);
  release.resolve();
  await until(() => expect(events).toHaveLength(25));
});

describe('a target that fails', () => {
  test('gets the event twice more, then the event is a dead letter', async () => {
    const arn = await local.createStateMachine('refused', waitAnHour);
    const error = new Error('refused');
    const { events, deadLetters, waits } = startRule(arn, () => Promise.reject(error));
    await start(arn);
    await until(() => expect(deadLetters).toHaveLength(1));
    expect(events).toHaveLength(3);
    expect(new Set(events.map(({ id }) => id)).size).toBe(1);
    expect(waits).toEqual([1000, 2000]);
    expect(deadLetters).toEqual([[events[0], error]]);
  });

  test('gets nothing more once the rule is stopped', async () => {
    const arn = await local.createStateMachine('stopped', waitAnHour);
    const { promise, reject } = Promise.withResolvers<void>();
    const { events, deadLetters, stop } = startRule(arn, () => promise);
    await start(arn);
    await until(() => expect(events).toHaveLength(1));
    stop();
    reject(new Error('refused'));
    await start(arn);
    await new Promise(setImmediate);
    expect(events).toHaveLength(1);
    expect(deadLetters).toEqual([]);
  });
});

test('the status table gets the final status of the workflow’s executions', async () => {
  const { aws, dynamoDb, stepFunctions } = local;
  const table = createStatusTable(dynamoDb, aws.statusTable);
  const executionArn = await start(aws.workflowArn, '{"user":{"userId":"user-1"}}');
  await until(async () => {
    const stored = (await table.read([executionArn])).get(executionArn);
    expect(stored?.stopDate).toBeInstanceOf(Date);
  });
  const stored = (await table.read([executionArn])).get(executionArn);
  const described = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
  const { status, startDate, stopDate, output, error, cause } = described;
  expect(stored).toMatchObject({ executionArn, status, startDate, stopDate });
  expect([stored?.output, stored?.error, stored?.cause]).toEqual([output, error, cause]);
  expect(await table.changesSince(Date.now() - 60_000)).toContainEqual(
    expect.objectContaining({ executionArn, rank: 1 }),
  );
});
