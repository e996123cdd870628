import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalAwsWithClients, startWithClients } from './local-aws-clients.ts';

let local: LocalAwsWithClients;
beforeAll(async () => {
  local = await startWithClients();
});
afterAll(() => local.close());

const urls = ['stepFunctionsUrl', 'apiGatewayUrl', 'dynamoDbUrl', 'sqsUrl'] as const;

test.each(urls)('no page in a browser gets at %s', async (which) => {
  for (const headers of [{ origin: 'https://example.com' }, { 'sec-fetch-site': 'cross-site' }]) {
    const url = `${local.aws[which]}/new-user`;
    const answer = await fetch(url, { method: 'POST', headers, body: '{}' });
    expect([answer.status, await answer.text()]).toEqual([403, 'Not for browsers.\n']);
  }
});

test.each(urls)('nobody but this machine gets at %s', async (which) => {
  const elsewhere = local.aws[which].replace('127.0.0.1', '127.0.0.2');
  await expect(fetch(elsewhere)).rejects.toThrow('fetch failed');
});
