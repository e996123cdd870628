import { error as print } from 'node:console';
import { CreateTableCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateQueueCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { local, main, onboard, open, page, role, start, useConsole } from './console-page.ts';

const attack = '<img src=x onerror=alert(1)>';
const script = '<script>alert(1)</script>';

/** A Lambda function that prints its event and the attack, and fails with the attack. */
const prints = {
  async handler(event: unknown) {
    print(event);
    print(attack);
    throw Object.assign(new Error(attack), { name: attack });
  },
};

useConsole({ functions: new Map([['prints', prints]]) });

const isSafe = async () => expect(await page.locator('img, main script').count()).toBe(0);

test('the texts of an execution are shown as text and never run', async () => {
  const states = {
    [attack]: {
      Type: 'Pass',
      Assign: { attack },
      Output: { [attack]: attack, quoted: 'x"onload="alert(1)' },
      Next: 'Call',
    },
    Call: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: { FunctionName: 'prints', Payload: { [attack]: attack } },
      Retry: [{ ErrorEquals: [attack], IntervalSeconds: 1, MaxAttempts: 1 }],
      Catch: [{ ErrorEquals: [attack], Next: script }],
      End: true,
    },
    [script]: { Type: 'Fail', Error: attack, Cause: attack },
  };
  await start('attack', states, { user: { userId: attack, [attack]: attack } });
  await open();
  await role('link', { name: attack }).click();
  await role('heading', { level: 1, name: attack }).waitFor();
  const graph = role('region', { name: 'Graph' });
  await graph.getByRole('button', { name: `${script}, Fail, Failed` }).waitFor();
  for (const name of Object.keys(states)) {
    await graph.getByRole('button', { name: `${name}, ` }).click();
    await role('region', { name: `State ${name}` })
      .getByRole('tab', { name: 'Input' })
      .waitFor();
    for (const tab of await role('tab').all()) await tab.click();
    await isSafe();
  }
  const events = await role('region', { name: 'Events' }).locator('.expand').all();
  expect(events.length).toBeGreaterThan(10);
  for (const event of events) await event.click();
  await page.getByText('"executionFailedEventDetails"').waitFor();
  await role('button', { name: 'Start again…' }).click();
  await isSafe();
});

test('the lines that a function prints are shown as text in the panel of its state', async () => {
  const states = {
    Call: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: { FunctionName: 'prints', Payload: { attack } },
      End: true,
    },
  };
  await start('prints', states, { user: { userId: 'user-prints' } });
  await open();
  await role('link', { name: 'user-prints' }).click();
  const panel = role('region', { name: 'State Call' });
  await panel.getByRole('tab', { name: 'Log' }).click();
  await panel.getByText(`ERROR ${attack}`).waitFor();
  await isSafe();
});

test('items and messages are shown as text and never run', async () => {
  await onboard('/process-user-onboarding', attack);
  // Tables and queues that somebody else creates are shown too.
  await local.dynamoDb.send(
    new CreateTableCommand({
      TableName: 'orders',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'order', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'order', KeyType: 'HASH' }],
    }),
  );
  const Item = { order: { S: attack }, [attack]: { L: [{ S: script }] } };
  await expect
    .poll(() =>
      local.dynamoDb.send(new PutItemCommand({ TableName: 'orders', Item })).then(Boolean, String),
    )
    .toBe(true);
  const { QueueUrl } = await local.sqs.send(new CreateQueueCommand({ QueueName: 'orders' }));
  await local.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: attack }));

  for (const path of ['users', 'messages', 'statuses']) {
    await open(path);
    await main().locator('.expand').filter({ hasText: attack }).first().waitFor();
    for (const item of await main().locator('.expand').all()) await item.click();
    await isSafe();
  }
  await open('users');
  await role('region', { name: 'orders' }).getByText(attack).first().waitFor();
  await open('messages');
  await role('region', { name: 'orders', exact: true }).getByText(attack).first().waitFor();
});

test('a response of the service is shown as text and never run', async () => {
  await open('new');
  await page.getByLabel('User id', { exact: true }).fill(attack);
  await page.getByLabel('Name').fill(script);
  await role('button', { name: 'Onboard', exact: true }).click();
  await page.getByText('Request and headers').click();
  await page.locator('.exchange').getByText(attack).first().waitFor();
  await isSafe();
});
