import { callAwsJson } from '../aws-json.ts';
import type { Json } from '../states-language/execution.ts';
import type { Collection } from './view.ts';

/** The most items that are read from each table or queue. */
const maxItems = 1000;

type Item = Collection['items'][number];

/** Returns the items of the tables of local DynamoDB, as plain JSON. */
export async function readTables(
  dynamoDbUrl: string,
  isWanted: (name: string) => boolean,
): Promise<Collection[]> {
  const { body } = await callAwsJson(dynamoDbUrl, 'DynamoDB_20120810.ListTables', {});
  return Promise.all(
    texts(body.TableNames)
      .filter(isWanted)
      .map((name) => readTable(dynamoDbUrl, name)),
  );
}

async function readTable(dynamoDbUrl: string, name: string): Promise<Collection> {
  const items: Item[] = [];
  let next: Json | undefined;
  do {
    const { body } = await callAwsJson(dynamoDbUrl, 'DynamoDB_20120810.Scan', {
      TableName: name,
      Limit: maxItems,
      ...(next !== undefined && { ExclusiveStartKey: next }),
    });
    items.push(...list(body.Items).map((item) => plainObject(object(item))));
    next = body.LastEvaluatedKey;
  } while (next !== undefined && items.length < maxItems);
  return { name, items: newestFirst(items), isTruncated: next !== undefined };
}

/** Returns the messages of the queues of local SQS, without receiving them. */
export async function readQueues(sqsUrl: string): Promise<Collection[]> {
  const queues = list(await fetchJson(`${sqsUrl}/_fauxqs/queues`));
  return Promise.all(
    queues.map(async (queue) => {
      const name = String(object(queue).name);
      const { messages } = object(
        await fetchJson(`${sqsUrl}/_fauxqs/queues/${encodeURIComponent(name)}`),
      );
      const all = Object.entries(object(messages)).flatMap(([state, each]) =>
        list(each).map((message) => withBody({ state, ...object(message) })),
      );
      const isTruncated = all.length > maxItems;
      return { name, items: newestFirst(all).slice(0, maxItems), isTruncated };
    }),
  );
}

/** Returns the message with its body parsed, if that is JSON. */
function withBody(message: Readonly<Record<string, Json>>): Item {
  const { body, ...rest } = message;
  try {
    return { body: JSON.parse(String(body)), ...rest };
  } catch {
    return message;
  }
}

/** The members that say when an item was written: those of the workflow, the status table and SQS. */
const dateMembers = ['createdDate', 'changedAt', 'sentTimestamp'];

function newestFirst(items: readonly Item[]): Item[] {
  const dateOf = (item: Item) => {
    const value = dateMembers.map((member) => item[member]).find((each) => each !== undefined);
    return typeof value === 'number' ? value : Date.parse(String(value)) || 0;
  };
  return items.toSorted((a, b) => dateOf(b) - dateOf(a));
}

async function fetchJson(url: string): Promise<Json> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} responded ${response.status}.`);
  return JSON.parse(await response.text());
}

/** Returns the value of a DynamoDB attribute such as `{"S": "text"}`, without its type. */
function plain(attribute: Json): unknown {
  const [[type, value] = []] = Object.entries(object(attribute));
  switch (type) {
    case 'N':
      return Number(value);
    case 'NULL':
      return null;
    case 'L':
      return list(value).map(plain);
    case 'M':
      return plainObject(object(value));
    default:
      return value;
  }
}

function plainObject(attributes: Readonly<Record<string, Json>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, attribute]) => [name, plain(attribute)]),
  );
}

function object(json: Json | undefined): Readonly<Record<string, Json>> {
  return json && typeof json === 'object' && !Array.isArray(json) ? json : {};
}

function list(json: Json | undefined): readonly Json[] {
  return Array.isArray(json) ? json : [];
}

function texts(json: Json | undefined): readonly string[] {
  return list(json).filter((each) => typeof each === 'string');
}
