import { callAwsJson } from '../aws-json.ts';
import type { Json } from '../states-language/execution.ts';
import type { Collection } from './view.ts';

/** Of each table and queue; the newest of these are shown. */
const itemsAtMost = 1000;

type Item = Collection['items'][number];

/** What the tables of local DynamoDB hold, as plain JSON. */
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
      Limit: itemsAtMost,
      ...(next !== undefined && { ExclusiveStartKey: next }),
    });
    items.push(...list(body.Items).map((item) => plainObject(object(item))));
    next = body.LastEvaluatedKey;
  } while (next !== undefined && items.length < itemsAtMost);
  return { name, items: newestFirst(items), isCut: next !== undefined };
}

/** What the queues of local SQS hold. Messages are looked at; they stay where they are. */
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
      const isCut = all.length > itemsAtMost;
      return { name, items: newestFirst(all).slice(0, itemsAtMost), isCut };
    }),
  );
}

/** The members of a JSON body say more than its text. */
function withBody(message: Readonly<Record<string, Json>>): Item {
  const { body, ...rest } = message;
  try {
    return { body: JSON.parse(String(body)), ...rest };
  } catch {
    return message;
  }
}

/** When an item was written, as the workflow, the status table and SQS call it. */
const moments = ['createdDate', 'changedAt', 'sentTimestamp'];

function newestFirst(items: readonly Item[]): Item[] {
  const momentOf = (item: Item) => {
    const value = moments.map((member) => item[member]).find((each) => each !== undefined);
    return typeof value === 'number' ? value : Date.parse(String(value)) || 0;
  };
  return items.toSorted((a, b) => momentOf(b) - momentOf(a));
}

async function fetchJson(url: string): Promise<Json> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} responded ${response.status}.`);
  return JSON.parse(await response.text());
}

/** The value of a DynamoDB attribute such as `{"S": "text"}`, without its type. */
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
