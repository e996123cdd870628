import { createServer, type RequestListener } from 'node:http';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { credentials } from '../support/app.ts';
import { callRoute, operationOf, type Route } from '../support/call-route.ts';
import { listen } from '../support/listen.ts';
import { startBehind } from '../support/start-behind.ts';

const routes: readonly Route[] = ['sync', 'start', 'status'];

function forgetCredentials(): void {
  for (const name of Object.keys(credentials)) vi.stubEnv(name, undefined);
  // Keep the SDK from finding any elsewhere.
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nonexistent');
  vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent');
}

test.each(routes)(
  'without credentials, the %s route responds 502 and sends nothing',
  async (route) => {
    forgetCredentials();
    const { stub, app, url } = await startBehind({});
    expect((await callRoute(url, route)).outcome).toBe('502 step-functions-misconfigured');
    expect(stub.calls(operationOf[route])).toBe(0);
    await app.close();
    expect(app.log).toContainEqual(
      expect.objectContaining({
        level: 50,
        problem: 'step-functions-misconfigured',
        err: expect.objectContaining({ name: 'CredentialsProviderError' }),
      }),
    );
  },
);

/** From now on, credentials come from an AWS STS with this behaviour. */
async function useSts(respond: RequestListener): Promise<void> {
  const sts = createServer(respond);
  const url = await listen(sts);
  onTestFinished(() => {
    sts.closeAllConnections();
    sts.close();
  });
  forgetCredentials();
  vi.stubEnv('AWS_ENDPOINT_URL_STS', url);
  vi.stubEnv('AWS_ROLE_ARN', 'arn:aws:iam::123456789012:role/service');
  // Any file will do: only STS reads the token.
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
])('the sync route responds 502 when AWS STS refuses with %i %s', async (status, code) => {
  await useSts(refuse(status, code));
  const { stub, url } = await startBehind({});
  expect((await callRoute(url, 'sync')).outcome).toBe('502 step-functions-misconfigured');
  expect(stub.calls('StartSyncExecution')).toBe(0);
});

test('the sync route responds 503 and starts nothing when AWS STS fails', async () => {
  await useSts(refuse(500, 'InternalFailure'));
  const { stub, url } = await startBehind({});
  expect((await callRoute(url, 'sync')).outcome).toBe('503 step-functions-unavailable');
  expect(stub.calls('StartSyncExecution')).toBe(0);
});

test('the deadline of the sync route includes the time that AWS STS takes', async () => {
  await useSts(() => undefined);
  const { stub, url } = await startBehind({}, { SYNC_TIMEOUT_SECONDS: '0.1' });
  expect((await callRoute(url, 'sync')).outcome).toBe('504 sync-deadline-exceeded');
  expect(stub.calls('StartSyncExecution')).toBe(0);
});
