import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
  StartSyncExecutionCommand,
} from '@aws-sdk/client-sfn';
import { expect, onTestFinished, test } from 'vitest';
import { executionArnOf, expressArn, standardArn } from './executions.ts';
import { type StubOptions, startStepFunctionsStub } from './stub.ts';

async function startWithClient(options: StubOptions = {}) {
  const stub = await startStepFunctionsStub(options);
  const client = new SFNClient({
    endpoint: stub.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    disableHostPrefix: true,
    maxAttempts: 1,
  });
  onTestFinished(async () => {
    client.destroy();
    await stub.close();
  });
  const start = (name: string, input = '{}') =>
    client.send(new StartExecutionCommand({ stateMachineArn: standardArn, name, input }));
  return { stub, client, start };
}

test('StartExecution with the name of a running execution repeats its start, and refuses another input', async () => {
  const { stub, start } = await startWithClient();
  const first = await start('name');
  expect(first.executionArn).toBe(executionArnOf('name'));
  expect((await start('name')).startDate).toEqual(first.startDate);
  await expect(start('name', '{"other":1}')).rejects.toThrow(
    expect.objectContaining({ name: 'ExecutionAlreadyExists' }),
  );
  expect(stub.received('StartExecution')).toEqual(new Map([['name', 3]]));
});

test('StartExecution refuses the name of an execution that has ended', async () => {
  const { client, start } = await startWithClient({ executionMilliseconds: 0 });
  const { executionArn } = await start('name', '{"a":1}');
  await expect(start('name', '{"a":1}')).rejects.toThrow(
    expect.objectContaining({ name: 'ExecutionAlreadyExists' }),
  );
  expect(await client.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
    status: 'SUCCEEDED',
    input: '{"a":1}',
    output: '{"a":1}',
    stopDate: expect.any(Date),
  });
});

test('ListExecutions lists running executions newest first, page by page', async () => {
  const { client, start } = await startWithClient();
  for (const name of ['a', 'b', 'c']) await start(name);
  const names = [];
  let nextToken: string | undefined;
  do {
    const page: { executions?: { executionArn?: string | undefined }[]; nextToken?: string } =
      await client.send(
        new ListExecutionsCommand({
          stateMachineArn: standardArn,
          statusFilter: 'RUNNING',
          maxResults: 2,
          nextToken,
        }),
      );
    names.push(...(page.executions ?? []).map(({ executionArn }) => executionArn));
    nextToken = page.nextToken;
  } while (nextToken);
  expect(names).toEqual(['c', 'b', 'a'].map(executionArnOf));
});

test('an operation throttles when its token bucket is empty', async () => {
  const { start } = await startWithClient({ quotas: { StartExecution: { burst: 2, rate: 0 } } });
  await start('a');
  await start('b');
  await expect(start('c')).rejects.toThrow(
    expect.objectContaining({ name: 'ThrottlingException' }),
  );
});

test('StartSyncExecution returns the result of an Express execution, and refuses a Standard one', async () => {
  const { client } = await startWithClient();
  const run = (stateMachineArn: string) =>
    client.send(new StartSyncExecutionCommand({ stateMachineArn, input: '{"a":1}' }));
  expect(await run(expressArn)).toMatchObject({ status: 'SUCCEEDED', output: '{"a":1}' });
  await expect(run(standardArn)).rejects.toThrow(
    expect.objectContaining({ name: 'StateMachineTypeNotSupported' }),
  );
});
