import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { credentials } from '../support/app.ts';
import { ask, operationOf, type Route } from '../support/ask.ts';
import { startBehind } from '../support/start-behind.ts';

const routes: readonly Route[] = ['sync', 'start', 'status'];

function forgetCredentials(): void {
  for (const name of Object.keys(credentials)) vi.stubEnv(name, undefined);
  // Nowhere else shall the SDK find any.
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nonexistent');
  vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent');
}

test.each(routes)('without credentials, %s is misconfigured and sends nothing', async (route) => {
  forgetCredentials();
  const { stub, app, url } = await startBehind({});
  expect((await ask(url, route)).answer).toBe('502 step-functions-misconfigured');
  expect(stub.calls(operationOf[route])).toBe(0);
  await app.close();
  expect(app.log).toContainEqual(
    expect.objectContaining({
      level: 50,
      problem: 'step-functions-misconfigured',
      err: expect.objectContaining({ name: 'CredentialsProviderError' }),
    }),
  );
});

/** Credentials come from AWS STS from now on, which answers so. */
async function useSts(answer: RequestListener): Promise<void> {
  const sts = createServer(answer);
  await once(sts.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    sts.closeAllConnections();
    sts.close();
  });
  const address = sts.address();
  if (address === null || typeof address === 'string') throw new TypeError('Not a TCP server.');
  forgetCredentials();
  vi.stubEnv('AWS_ENDPOINT_URL_STS', `http://127.0.0.1:${address.port}`);
  vi.stubEnv('AWS_ROLE_ARN', 'arn:aws:iam::123456789012:role/service');
  // Whatever is in it: it is for STS to judge.
  vi.stubEnv('AWS_WEB_IDENTITY_TOKEN_FILE', fileURLToPath(import.meta.url));
}

const refuse =
  (status: number, code: string): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'text/xml' });
    response.end(`<ErrorResponse><Error><Code>${code}</Code></Error></ErrorResponse>`);
  };

test.each([
  [403, 'AccessDenied'],
  [400, 'ExpiredTokenException'],
  [400, 'InvalidIdentityToken'],
])('credentials that AWS STS refuses with %i %s are misconfigured', async (status, code) => {
  await useSts(refuse(status, code));
  const { stub, url } = await startBehind({});
  expect((await ask(url, 'sync')).answer).toBe('502 step-functions-misconfigured');
  expect(stub.calls('StartSyncExecution')).toBe(0);
});

test('where AWS STS fails nothing was started, and the answer says so', async () => {
  await useSts(refuse(500, 'InternalFailure'));
  const { stub, url } = await startBehind({});
  expect((await ask(url, 'sync')).answer).toBe('503 step-functions-unavailable');
  expect(stub.calls('StartSyncExecution')).toBe(0);
});

test('the deadline counts while AWS STS does not answer', async () => {
  await useSts(() => undefined);
  const { stub, url } = await startBehind({}, { SYNC_TIMEOUT_SECONDS: '0.1' });
  expect((await ask(url, 'sync')).answer).toBe('504 sync-deadline-exceeded');
  expect(stub.calls('StartSyncExecution')).toBe(0);
});
