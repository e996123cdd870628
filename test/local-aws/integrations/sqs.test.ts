import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sqsIntegrations } from '../../../src/local-aws/integrations/sqs.ts';
import type { Json } from '../../../src/local-aws/states-language/execution.ts';
import { type LocalAwsWithClients, startWithClients } from '../local-aws-clients.ts';

let local: LocalAwsWithClients;
beforeAll(async () => {
  local = await startWithClients();
});
afterAll(() => local.close());

/** Sends to the queue of the workflow, unless the arguments name another. */
async function sendMessage(taskArguments: Readonly<Record<string, Json>>) {
  const send = sqsIntegrations(local.aws.sqsUrl).get('sqs:sendMessage');
  if (!send) throw new Error('There is no sqs:sendMessage.');
  const signal = new AbortController().signal;
  return send({ QueueUrl: local.queueUrl, ...taskArguments }, signal, () => {});
}

test('sendMessage sends a string as it is, and any other body as its JSON text', async () => {
  const sent = await sendMessage({ MessageBody: 'plain' });
  expect(sent).toMatchObject({
    MessageId: expect.any(String),
    MD5OfMessageBody: expect.any(String),
    SdkResponseMetadata: { RequestId: expect.stringMatching(/./) },
  });
  await sendMessage({
    MessageBody: { a: 1 },
    MessageAttributes: { kind: { DataType: 'String', StringValue: 'test' } },
  });
  const { Messages = [] } = await local.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: local.queueUrl,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
    }),
  );
  expect(Messages.map(({ Body }) => Body)).toEqual(['plain', '{"a":1}']);
  expect(Messages[1]?.MessageAttributes?.kind?.StringValue).toBe('test');
});

test('sendMessage refuses null as the body', async () => {
  await expect(sendMessage({ MessageBody: null })).rejects.toMatchObject({
    error: 'SQS.AmazonSQSException',
  });
});

test('a queue that does not exist fails under the name that Step Functions gives it', async () => {
  const QueueUrl = `${local.queueUrl}-none`;
  await expect(sendMessage({ QueueUrl, MessageBody: 'x' })).rejects.toMatchObject({
    error: 'SQS.QueueDoesNotExistException',
    cause: expect.stringContaining('(Service: AmazonSQS; Status Code: 400;'),
  });
});

test('an invalid queue URL fails with SdkClientException', async () => {
  const message = { QueueUrl: 'no-such-queue', MessageBody: 'x' };
  await expect(sendMessage(message)).rejects.toMatchObject({
    error: 'SQS.SdkClientException',
    cause: 'Unable to execute HTTP request: no-such-queue: Name or service not known',
  });
});

test.each(['🎉', '\u{10000}', '\u{10FFFF}', '\u0085', '\uFFFD'])(
  'sendMessage accepts the character %j, as SQS does',
  async (MessageBody) => {
    expect(await sendMessage({ MessageBody })).toMatchObject({ MessageId: expect.any(String) });
  },
);

test.each(['\u0000', '\u001F', '\uFFFE', '\uFFFF', '\uD83C'])(
  'sendMessage refuses the character %j, as SQS does',
  async (MessageBody) => {
    await expect(sendMessage({ MessageBody })).rejects.toMatchObject({
      error: 'SQS.InvalidMessageContentsException',
    });
  },
);
