import { type IncomingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalAwsWithClients, startWithClients } from './local-aws-clients.ts';

let local: LocalAwsWithClients;
beforeAll(async () => {
  local = await startWithClients({ consoleUrl: 'http://127.0.0.1:3002' });
});
afterAll(() => local.close());

const refusal = 'Web pages may not call this.\n';
const urls = ['stepFunctionsUrl', 'apiGatewayUrl', 'dynamoDbUrl', 'sqsUrl'] as const;

test.each(urls)('%s refuses a POST from a web page', async (which) => {
  for (const headers of [{ origin: 'https://example.com' }, { 'sec-fetch-site': 'cross-site' }]) {
    const url = `${local.aws[which]}/new-user`;
    const response = await fetch(url, { method: 'POST', headers, body: '{}' });
    expect([response.status, await response.text()]).toEqual([403, refusal]);
  }
});

test.each([
  ['stepFunctionsUrl', 'Step Functions', 'aws stepfunctions'],
  ['apiGatewayUrl', 'API Gateway', '/new-user'],
  ['dynamoDbUrl', 'DynamoDB', 'aws dynamodb'],
  ['sqsUrl', 'SQS', 'aws sqs'],
] as const)(
  '%s shows a browser what it is, an example command and the console',
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

test('a program that sends a GET does not get the page, with or without Accept', async () => {
  const requests: Record<string, string>[] = [{ accept: '*/*' }, {}];
  for (const headers of requests) {
    const response = await get(local.aws.stepFunctionsUrl, headers);
    expect(response.status).toBe(404);
  }
});

test.each(urls)('a web page can neither read nor frame %s', async (which) => {
  const fetched = await get(local.aws[which], {
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'cors',
    accept: 'text/html',
  });
  expect([fetched.status, fetched.body]).toEqual([403, refusal]);
  const opened = await get(local.aws[which], {
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'navigate',
  });
  expect(opened.headers['content-security-policy']).toContain("frame-ancestors 'none'");
  expect(opened.headers).not.toHaveProperty('access-control-allow-origin');
});

test.each(urls)('%s listens on 127.0.0.1 only', async (which) => {
  const elsewhere = local.aws[which].replace('127.0.0.1', '127.0.0.2');
  await expect(fetch(elsewhere)).rejects.toThrow('fetch failed');
});

/** Does not use `fetch`, which sets its own `Sec-Fetch-Mode`. */
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
