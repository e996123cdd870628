import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  dynamoDbIntegrations,
  sqsIntegrations,
} from '../../../src/local-aws/integrations/services.ts';
import type { Json } from '../../../src/local-aws/states-language/execution.ts';
import { type LocalAwsWithClients, startWithClients } from '../local-aws-clients.ts';

const TableName = 'user-onboarding';
let local: LocalAwsWithClients;

beforeAll(async () => {
  local = await startWithClients();
});
afterAll(() => local.close());

function call(
  resource: string,
  taskArguments: Json,
  { dynamoDbUrl = local.aws.dynamoDbUrl, signal = new AbortController().signal } = {},
) {
  const integrations = new Map([
    ...dynamoDbIntegrations(dynamoDbUrl),
    ...sqsIntegrations(local.aws.sqsUrl),
  ]);
  const integration = integrations.get(resource);
  if (!integration) throw new Error(`There is no ${resource}.`);
  return integration(taskArguments, signal, () => {});
}

const key = (PK: string) => ({ PK: { S: PK }, SK: { S: 'PROFILE' } });

async function read(PK: string) {
  const { Item } = await local.dynamoDb.send(new GetItemCommand({ TableName, Key: key(PK) }));
  return Item;
}

test('putItem writes every kind of attribute as it is given', async () => {
  const attributes = {
    n: { N: '12345678901234567890' },
    bool: { BOOL: true },
    nothing: { NULL: true },
    list: { L: [{ S: 'é' }] },
    map: { M: { inner: { N: '1' } } },
    strings: { SS: ['a', 'b'] },
  };
  const result = await call('dynamodb:putItem', {
    TableName,
    Item: { ...key('put'), ...attributes, binary: { B: 'aGVsbG8=' } },
  });
  expect(result).toMatchObject({ SdkHttpMetadata: { HttpStatusCode: 200 } });
  const item = await read('put');
  expect(item).toMatchObject(attributes);
  expect(Buffer.from(item?.binary?.B ?? []).toString()).toBe('hello');
});

test('getItem returns the item in PascalCase, and leaves it out where there is none', async () => {
  const Item = { ...key('get'), name: { S: 'Jane' } };
  await local.dynamoDb.send(new PutItemCommand({ TableName, Item }));
  expect(await call('dynamodb:getItem', { TableName, Key: key('get') })).toMatchObject({ Item });
  expect(await call('dynamodb:getItem', { TableName, Key: key('none') })).not.toHaveProperty(
    'Item',
  );
});

test('updateItem and deleteItem change and remove', async () => {
  const update = await call('dynamodb:updateItem', {
    TableName,
    Key: key('update'),
    UpdateExpression: 'SET #n = :n',
    ExpressionAttributeNames: { '#n': 'name' },
    ExpressionAttributeValues: { ':n': { S: 'Jane' } },
    ReturnValues: 'ALL_NEW',
  });
  expect(update).toMatchObject({ Attributes: { ...key('update'), name: { S: 'Jane' } } });
  await call('dynamodb:deleteItem', { TableName, Key: key('update') });
  expect(await read('update')).toBeUndefined();
});

test.each([
  [
    'a condition that fails',
    { TableName, Item: key('x'), ConditionExpression: 'attribute_exists(PK)' },
    'DynamoDB.ConditionalCheckFailedException',
  ],
  [
    'a table that is not there',
    { TableName: 'none', Item: key('x') },
    'DynamoDB.ResourceNotFoundException',
  ],
  [
    'an invalid request',
    { TableName, Item: { PK: { S: 'x' } } },
    'DynamoDB.AmazonDynamoDBException',
  ],
  [
    'a number that is not written as a string',
    { TableName, Item: { ...key('x'), count: { N: 1 } } },
    'DynamoDB.AmazonDynamoDBException',
  ],
])('%s is named as Step Functions names it', async (_what, taskArguments, error) => {
  await expect(call('dynamodb:putItem', taskArguments)).rejects.toMatchObject({
    name: 'StatesError',
    error,
    cause: expect.stringMatching(
      /^\S.* \(Service: AmazonDynamoDBv2; Status Code: 400; Error Code: \w+; Request ID: \w+; Proxy: null\)$/,
    ),
  });
});

test('a service that cannot be reached is an SdkClientException', async () => {
  const gone = await startWithClients();
  await gone.close();
  await expect(
    call('dynamodb:getItem', { TableName, Key: key('x') }, gone.aws),
  ).rejects.toMatchObject({ error: 'DynamoDB.SdkClientException' });
});

test('a call that is given up rejects with the reason', async () => {
  const signal = AbortSignal.abort(new Error('given up'));
  await expect(call('dynamodb:getItem', { TableName, Key: key('x') }, { signal })).rejects.toThrow(
    'given up',
  );
});

test('sendMessage sends text as it is, and anything else as its JSON text', async () => {
  const QueueUrl = local.queueUrl;
  const sent = await call('sqs:sendMessage', { QueueUrl, MessageBody: 'plain' });
  expect(sent).toMatchObject({
    MessageId: expect.any(String),
    MD5OfMessageBody: expect.any(String),
    SdkResponseMetadata: { RequestId: expect.stringMatching(/./) },
  });
  await call('sqs:sendMessage', {
    QueueUrl,
    MessageBody: { a: 1 },
    MessageAttributes: { kind: { DataType: 'String', StringValue: 'test' } },
  });
  const { Messages = [] } = await local.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
    }),
  );
  expect(Messages.map(({ Body }) => Body)).toEqual(['plain', '{"a":1}']);
  expect(Messages[1]?.MessageAttributes?.kind?.StringValue).toBe('test');
});

test('sendMessage with null for a body sends nothing', async () => {
  const message = { QueueUrl: local.queueUrl, MessageBody: null };
  await expect(call('sqs:sendMessage', message)).rejects.toMatchObject({
    error: 'SQS.AmazonSQSException',
  });
});

test('a queue that is not there is named as Step Functions names it', async () => {
  const QueueUrl = `${local.queueUrl}-none`;
  await expect(call('sqs:sendMessage', { QueueUrl, MessageBody: 'x' })).rejects.toMatchObject({
    error: 'SQS.QueueDoesNotExistException',
    cause: expect.stringContaining('(Service: AmazonSQS; Status Code: 400;'),
  });
});

test('sendMessage to what is no URL is the SDK client’s error', async () => {
  const message = { QueueUrl: 'no-such-queue', MessageBody: 'x' };
  await expect(call('sqs:sendMessage', message)).rejects.toMatchObject({
    error: 'SQS.SdkClientException',
    cause: 'Unable to execute HTTP request: no-such-queue: Name or service not known',
  });
});

test.each(['🎉', '\u{10000}', '\u{10FFFF}', '\u0085', '\uFFFD'])(
  'sendMessage takes the character %j, as SQS does',
  async (MessageBody) => {
    const sent = { QueueUrl: local.queueUrl, MessageBody };
    expect(await call('sqs:sendMessage', sent)).toMatchObject({ MessageId: expect.any(String) });
  },
);

test.each(['\u0000', '\u001F', '\uFFFE', '\uFFFF', '\uD83C'])(
  'sendMessage refuses the character %j, as SQS does',
  async (MessageBody) => {
    await expect(
      call('sqs:sendMessage', { QueueUrl: local.queueUrl, MessageBody }),
    ).rejects.toMatchObject({ error: 'SQS.InvalidMessageContentsException' });
  },
);
