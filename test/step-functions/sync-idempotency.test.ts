import { SFNClient } from '@aws-sdk/client-sfn';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { readSettings } from '../../src/settings.ts';
import { createClaims } from '../../src/status-table/claims.ts';
import { HttpHandler } from '../../src/step-functions/http-handler.ts';
import { createSyncExecutions } from '../../src/step-functions/sync-executions.ts';
import { createIdempotentSyncExecutions } from '../../src/step-functions/sync-idempotency.ts';
import { startStatusTable, tableName } from '../status-table/harness.ts';
import { environmentFor } from '../support/app.ts';
import { closeAfterwards } from '../support/start-behind.ts';
import { startStepFunctionsStub } from '../support/step-functions-stub/stub.ts';

test('after a deadline before the call was sent, the key can be used again', async () => {
  const { client: tableClient } = await startStatusTable();
  const stub = await startStepFunctionsStub();
  closeAfterwards(stub);
  const keys = { accessKeyId: 'test', secretAccessKey: 'test' };
  const createExecutions = (credentials: () => Promise<typeof keys>, timeoutSeconds: string) => {
    const settings = environmentFor(stub.url);
    const client = new SFNClient({
      ...{ region: 'us-east-1', endpoint: stub.url, disableHostPrefix: true },
      credentials,
      requestHandler: new HttpHandler(),
    });
    onTestFinished(() => client.destroy());
    return createIdempotentSyncExecutions({
      claims: createClaims(tableClient, tableName),
      sync: createSyncExecutions(
        client,
        readSettings({ ...settings, SYNC_TIMEOUT_SECONDS: timeoutSeconds }),
        systemClock,
      ),
      clock: systemClock,
      onFailure: () => undefined,
    });
  };
  const request = { idempotencyKey: 'signup-1', caller: undefined, input: '{}' };
  const withoutCredentials = createExecutions(() => new Promise(() => undefined), '0.05');
  await expect(withoutCredentials.run(request)).rejects.toMatchObject({
    failure: 'deadline-exceeded',
  });
  expect(stub.calls('StartSyncExecution')).toBe(0);

  const withCredentials = createExecutions(async () => keys, '60');
  expect(await withCredentials.run(request)).toMatchObject({ isReplay: false });
});
