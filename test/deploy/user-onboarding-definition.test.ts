import { readFileSync } from 'node:fs';
import validate from 'asl-validator';
import { expect, test } from 'vitest';

const values = new Map([
  ['Partition', 'aws'],
  ['TableName', 'user-onboarding'],
  ['FunctionArn', 'arn:aws:lambda:us-east-1:123456789012:function:apply-referral'],
  ['QueueUrl', 'https://sqs.us-east-1.amazonaws.com/123456789012/user-onboarded'],
]);

const definition = readFileSync('config/user-onboarding.asl.json', 'utf8').replaceAll(
  /\$\{(\w+)\}/g,
  (placeholder, name) => values.get(name) ?? placeholder,
);

test('the definition, with all that the deployment fills in, is valid Amazon States Language', () => {
  expect(definition).not.toMatch(/\$\{/);
  expect(validate(JSON.parse(definition)).errorsText('\n')).toBe('');
});

test('the workflow gives up before Step Functions cuts an Express execution off, at 300 s', () => {
  expect(JSON.parse(definition).TimeoutSeconds).toBeLessThan(300);
});
