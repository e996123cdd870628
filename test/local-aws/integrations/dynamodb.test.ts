import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dynamoDbIntegrations } from '../../../src/local-aws/integrations/dynamodb.ts';
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
  const integration = dynamoDbIntegrations(dynamoDbUrl).get(resource);
  if (!integration) throw new Error(`There is no ${resource}.`);
  return integration(taskArguments, signal, () => {});
}

const key = (PK: string) => ({ PK: { S: PK }, SK: { S: 'PROFILE' } });

async function read(PK: string) {
  const { Item } = await local.dynamoDb.send(new GetItemCommand({ TableName, Key: key(PK) }));
  return Item;
}

test('putItem writes every type of attribute unchanged', async () => {
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

test('getItem returns the item in PascalCase, or no Item where there is none', async () => {
  const Item = { ...key('get'), name: { S: 'Jane' } };
  await local.dynamoDb.send(new PutItemCommand({ TableName, Item }));
  expect(await call('dynamodb:getItem', { TableName, Key: key('get') })).toMatchObject({ Item });
  expect(await call('dynamodb:getItem', { TableName, Key: key('none') })).not.toHaveProperty(
    'Item',
  );
});

test('updateItem changes an item, and deleteItem removes it', async () => {
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
    'a table that does not exist',
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
])('%s fails under the name that Step Functions gives it', async (_what, taskArguments, error) => {
  await expect(call('dynamodb:putItem', taskArguments)).rejects.toMatchObject({
    name: 'StatesError',
    error,
    cause: expect.stringMatching(
      /^\S.* \(Service: AmazonDynamoDBv2; Status Code: 400; Error Code: \w+; Request ID: \w+; Proxy: null\)$/,
    ),
  });
});

test('a service that cannot be reached fails with SdkClientException', async () => {
  const gone = await startWithClients();
  await gone.close();
  await expect(
    call('dynamodb:getItem', { TableName, Key: key('x') }, gone.aws),
  ).rejects.toMatchObject({ error: 'DynamoDB.SdkClientException' });
});

test('an aborted call rejects with the abort reason', async () => {
  const signal = AbortSignal.abort(new Error('timed out'));
  await expect(call('dynamodb:getItem', { TableName, Key: key('x') }, { signal })).rejects.toThrow(
    'timed out',
  );
});
