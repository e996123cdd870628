import { createServer, type RequestListener } from 'node:http';
import { CreateStateMachineCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/local-aws/clock.ts';
import { startDynamoDb } from '../../src/local-aws/dynamodb.ts';
import { startLocalAws } from '../../src/local-aws/local-aws.ts';
import { PortUnavailable } from '../../src/local-aws/loopback-server.ts';
import { startSqs } from '../../src/local-aws/sqs.ts';
import { listen } from '../support/listen.ts';
import { definition, freePorts, waitAnHour } from './local-aws-clients.ts';

/** A port that is in use until the test finishes. */
async function takenPort(listener: RequestListener) {
  const server = createServer(listener);
  onTestFinished(() => void server.close());
  return { port: Number(new URL(await listen(server)).port), variable: 'TAKEN_PORT' };
}

async function freePort() {
  const server = createServer();
  const port = Number(new URL(await listen(server)).port);
  await new Promise((resolve) => server.close(resolve));
  return { port, variable: 'FREE_PORT' };
}

const urlOf = ({ port }: { port: number }) => `http://127.0.0.1:${port}`;

test.each(['sqs', 'stepFunctions', 'apiGateway'] as const)(
  'if the port of %s is taken, the other services are closed again',
  async (service) => {
    const taken = await takenPort((_request, response) => response.end());
    const dynamoDb = await freePort();
    const starting = startLocalAws({ ports: { ...freePorts, dynamoDb, [service]: taken } });
    await expect(starting).rejects.toThrow(PortUnavailable);
    await expect(starting).rejects.toThrow(`Port ${taken.port} is taken. Set TAKEN_PORT`);
    await expect(fetch(urlOf(dynamoDb))).rejects.toThrow('fetch failed');
  },
);

test('a failed start aborts the executions that were started meanwhile', async () => {
  const stepFunctions = await freePort();
  const client = new SFNClient({
    endpoint: urlOf(stepFunctions),
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
    disableHostPrefix: true,
  });
  onTestFinished(() => client.destroy());
  const sleeps: AbortSignal[] = [];
  async function startExecution() {
    const { stateMachineArn } = await client.send(
      new CreateStateMachineCommand({
        name: 'wait',
        definition: definition(waitAnHour),
        roleArn: 'arn:aws:iam::123456789012:role/test',
      }),
    );
    await client.send(new StartExecutionCommand({ stateMachineArn }));
  }
  // The last service of the start asks the holder of its port who it is, and waits for the response.
  const apiGateway = await takenPort(async (_request, response) => {
    await startExecution();
    response.end();
  });
  const starting = startLocalAws({
    ports: { ...freePorts, stepFunctions, apiGateway },
    clock: {
      now: systemClock.now,
      sleep(_milliseconds, signal) {
        sleeps.push(signal);
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        });
      },
    },
  });
  await expect(starting).rejects.toThrow(PortUnavailable);
  expect(sleeps).not.toEqual([]);
  expect(sleeps.every(({ aborted }) => aborted)).toBe(true);
});

test('DynamoDB is closed again if it cannot create a table', async () => {
  const port = await freePort();
  await expect(startDynamoDb(port, [{ TableName: '?' }], undefined)).rejects.toThrow(
    'DynamoDB did not create the table ?.',
  );
  await expect(fetch(urlOf(port))).rejects.toThrow('fetch failed');
});

test('SQS and SNS are closed again if they cannot create a topic', async () => {
  const port = await freePort();
  const topics = { Topic: { name: 'not a name' } };
  await expect(startSqs(port, { queues: {}, topics }, undefined)).rejects.toThrow(
    'SNS did not create the topic not a name',
  );
  await expect(fetch(urlOf(port))).rejects.toThrow('fetch failed');
});
