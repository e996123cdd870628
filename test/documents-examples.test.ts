import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningApp } from './support/app.ts';
import { type AppOnLocalAws, startAppOnLocalAws } from './support/app-on-local-aws.ts';
import { documents, type Example, examplesOf } from './support/documents.ts';

const examples = documents.flatMap(examplesOf);

let local: AppOnLocalAws;
let app: RunningApp;
beforeAll(async () => {
  local = await startAppOnLocalAws();
  const { statusTable, dynamoDbUrl } = local.local.aws;
  app = await local.startAnother({
    STATUS_TABLE: statusTable,
    AWS_ENDPOINT_URL_DYNAMODB: dynamoDbUrl,
  });
});
afterAll(async () => {
  await app.close();
  await local.close();
});

test('the documents have examples for the service and for the no-code route', () => {
  expect(new Set(examples.map(({ port }) => port))).toEqual(new Set(['3000', '3001']));
});

// In the order of the documents: some examples use what earlier ones started.
test.each(examples.map((example): [string, Example] => [example.name, example]))(
  '%s gets the response shown',
  async (_name, example) => {
    const response = await send(example);
    const body = await response.text();
    expect(response.status, body).toBe(example.response?.status ?? 200);
    if (!example.response) return;
    expect(Object.keys(JSON.parse(body))).toEqual(Object.keys(JSON.parse(example.response.body)));
  },
);

function send({ port, path, ...request }: Example): Promise<Response> {
  const origin = port === '3000' ? app.url : local.local.aws.apiGatewayUrl;
  return fetch(origin + path, request);
}
