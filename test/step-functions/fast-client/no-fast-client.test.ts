import { SFNClient } from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { makeFast } from '../../../src/step-functions/fast-client/fast-client.ts';

test('the project "plain client" runs with the unchanged client of the SDK', () => {
  const client = new SFNClient({ region: 'us-east-1' });
  const { send } = client;
  makeFast(client);
  expect(client.send).toBe(send);
});
