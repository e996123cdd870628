import { callAwsJson } from '../aws-json.ts';
import type { Json } from '../states-language/execution.ts';
import type { Collection } from './view.ts';

const shown = 200;

/** What the tables of local DynamoDB hold, as plain JSON. */
export async function readTables(dynamoDbUrl: string): Promise<Collection[]> {
  const { body } = await callAwsJson(dynamoDbUrl, 'DynamoDB_20120810.ListTables', {});
  const names = texts(body.TableNames);
  return Promise.all(
    names.map(async (name) => {
      const { body } = await callAwsJson(dynamoDbUrl, 'DynamoDB_20120810.Scan', {
        TableName: name,
        Limit: shown,
      });
      const items = list(body.Items).map((item) => plainObject(object(item)));
      return { name, items, isCut: body.LastEvaluatedKey !== undefined };
    }),
  );
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
        list(each).map((message) => ({ state, ...object(message) })),
      );
      return { name, items: all.slice(-shown).reverse(), isCut: all.length > shown };
    }),
  );
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
