import { expect, test, vi } from 'vitest';
import { credentials } from '../support/app.ts';
import { ask, operationOf, type Route } from './ask.ts';
import { startBehind } from './start.ts';

const routes: readonly Route[] = ['sync', 'start', 'status'];

test.each(routes)('without credentials, %s is misconfigured and sends nothing', async (route) => {
  for (const name of Object.keys(credentials)) vi.stubEnv(name, undefined);
  // Nowhere else shall the SDK find any.
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nonexistent');
  vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent');
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
