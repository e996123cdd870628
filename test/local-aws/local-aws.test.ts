import { type IncomingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalAwsWithClients, startWithClients } from './local-aws-clients.ts';

let local: LocalAwsWithClients;
beforeAll(async () => {
  local = await startWithClients({ consoleUrl: 'http://127.0.0.1:3002' });
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

test.each([
  ['stepFunctionsUrl', 'Step Functions', 'aws stepfunctions'],
  ['apiGatewayUrl', 'API Gateway', '/new-user'],
  ['dynamoDbUrl', 'DynamoDB', 'aws dynamodb'],
  ['sqsUrl', 'SQS', 'aws sqs'],
] as const)(
  '%s opened in a browser says what it is and where to look',
  async (which, service, command) => {
    const accept = 'text/html,application/xhtml+xml';
    const requests: Record<string, string>[] = [
      { accept, 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' },
      { accept, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
      { accept },
    ];
    for (const headers of requests) {
      const page = await get(`${local.aws[which]}/`, headers);
      expect(page.status).toBe(200);
      expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
      expect(page.body).toContain(`This is ${service} on this machine.`);
      expect(page.body).toContain(command);
      expect(page.body).toContain(local.aws[which]);
      expect(page.body).toContain('href="http://127.0.0.1:3002"');
    }
  },
);

test.each(urls)('a page in a browser can neither read nor frame %s', async (which) => {
  const fetched = await get(local.aws[which], {
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'cors',
    accept: 'text/html',
  });
  expect([fetched.status, fetched.body]).toEqual([403, 'Not for browsers.\n']);
  const opened = await get(local.aws[which], {
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'navigate',
  });
  expect(opened.headers['content-security-policy']).toContain("frame-ancestors 'none'");
  expect(opened.headers).not.toHaveProperty('access-control-allow-origin');
});

test.each(urls)('nobody but this machine gets at %s', async (which) => {
  const elsewhere = local.aws[which].replace('127.0.0.1', '127.0.0.2');
  await expect(fetch(elsewhere)).rejects.toThrow('fetch failed');
});

/** Not by `fetch`, which has a `Sec-Fetch-Mode` of its own. */
function get(url: string, headers: Record<string, string>) {
  return new Promise<{ status: number | undefined; headers: IncomingHttpHeaders; body: string }>(
    (resolve, reject) => {
      request(url, { headers })
        .on('response', async (response) =>
          resolve({
            status: response.statusCode,
            headers: response.headers,
            body: await text(response),
          }),
        )
        .on('error', reject)
        .end();
    },
  );
}
