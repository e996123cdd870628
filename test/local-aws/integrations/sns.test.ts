import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { snsIntegrations } from '../../../src/local-aws/integrations/sns.ts';
import { startSqs } from '../../../src/local-aws/sqs.ts';
import type { Json } from '../../../src/local-aws/states-language/execution.ts';
import { type LocalAwsWithClients, startWithClients } from '../local-aws-clients.ts';

const TopicArn = 'arn:aws:sns:us-east-1:000000000000:welcome';
let local: LocalAwsWithClients;

/** Calls SNS with its Query protocol, as `aws sns` does. */
async function sns(Action: string, parameters: Readonly<Record<string, string>>) {
  const response = await fetch(local.aws.sqsUrl, {
    method: 'POST',
    body: new URLSearchParams({ Action, ...parameters }),
  });
  expect(response.status).toBe(200);
}

beforeAll(async () => {
  local = await startWithClients();
  await sns('CreateTopic', { Name: 'welcome' });
  await sns('Subscribe', {
    TopicArn,
    Protocol: 'sqs',
    Endpoint: 'arn:aws:sqs:us-east-1:000000000000:user-onboarded',
    'Attributes.entry.1.key': 'RawMessageDelivery',
    'Attributes.entry.1.value': 'true',
  });
});
afterAll(() => local.close());

const publish = (
  taskArguments: Json,
  url = local.aws.sqsUrl,
  signal = new AbortController().signal,
) => snsIntegrations(url).get('sns:publish')?.(taskArguments, signal, () => {});

test.each<[string, Json, string]>([
  ['a string unchanged', 'Welcome, J. & D. <é> 🎉', 'Welcome, J. & D. <é> 🎉'],
  ['any other message as its JSON text', { user: ['a'] }, '{"user":["a"]}'],
])('publish sends %s, with its attributes', async (_what, Message, received) => {
  const MessageAttributes = { kind: { DataType: 'String', StringValue: 'welcome' } };
  expect(await publish({ TopicArn, Message, MessageAttributes })).toMatchObject({
    MessageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    SdkHttpMetadata: { HttpStatusCode: 200 },
  });
  const { Messages } = await local.sqs.send(
    new ReceiveMessageCommand({ QueueUrl: local.queueUrl, MessageAttributeNames: ['All'] }),
  );
  expect(Messages).toMatchObject([{ Body: received, MessageAttributes }]);
});

test('a topic of the workflow exists from the start', async () => {
  const topics = { WelcomeTopic: { name: 'user-welcome' } };
  const port = { variable: 'LOCAL_SQS_PORT', port: 0 };
  const { url, topicArns, close } = await startSqs(port, { queues: {}, topics }, undefined);
  onTestFinished(close);
  const TopicArn = topicArns.get('WelcomeTopic') ?? '';
  expect(TopicArn).toMatch(/^arn:aws:sns:us-east-1:\d{12}:user-welcome$/);
  expect(await publish({ TopicArn, Message: 'x' }, url)).toMatchObject({
    MessageId: expect.any(String),
  });
});

test('a topic that does not exist fails with SNS.NotFoundException', async () => {
  await expect(publish({ TopicArn: `${TopicArn}-2`, Message: 'x' })).rejects.toMatchObject({
    error: 'SNS.NotFoundException',
    cause: expect.stringMatching(
      /^Topic does not exist \(Service: AmazonSNS; Status Code: 404; Error Code: NotFound; Request ID: [\w-]+; Proxy: null\)$/,
    ),
  });
});

test('an aborted call rejects with the abort reason', async () => {
  const signal = AbortSignal.abort(new Error('timed out'));
  const published = publish({ TopicArn, Message: 'x' }, local.aws.sqsUrl, signal);
  await expect(published).rejects.toThrow('timed out');
});

test('an unreachable SNS fails with SNS.SdkClientException', async () => {
  await expect(publish({ TopicArn, Message: 'x' }, 'http://127.0.0.1:1')).rejects.toMatchObject({
    error: 'SNS.SdkClientException',
  });
});
