import { SFNClient } from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { makeFast } from '../../../src/step-functions/fast-client/fast-client.ts';

test('these tests use the client of the SDK as it is', () => {
  const client = new SFNClient({ region: 'us-east-1' });
  const { send } = client;
  makeFast(client);
  expect(client.send).toBe(send);
});
