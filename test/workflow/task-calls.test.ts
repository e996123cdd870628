import { expect, test } from 'vitest';
import type { State } from '../../src/workflow/definition.ts';
import { resources } from '../../src/workflow/resources.ts';
import { taskCalls } from '../../src/workflow/task-calls.ts';

const task = (integration: string, taskArguments: object): State => ({
  Type: 'Task',
  Resource: `arn:\${Partition}:states:::${integration}`,
  Arguments: taskArguments,
});
const placeholder = (name: string) => `\${${name}}`;
const callsOf = (states: Record<string, State>) =>
  taskCalls(
    { States: states },
    { ...resources, topics: { WelcomeTopic: { name: 'user-welcome' } } },
  );

test('includes the Tasks in Parallel and Map states', () => {
  const get = {
    States: { Get: task('dynamodb:getItem', { TableName: placeholder('UsersTable') }) },
  };
  const both = {
    Both: {
      Type: 'Parallel',
      Branches: [get, { States: { Each: { Type: 'Map', ItemProcessor: get } } }],
    },
  };
  const call = {
    task: 'Get',
    action: 'dynamodb:GetItem',
    resource: 'UsersTable',
    waitsForToken: false,
  };
  expect(callsOf(both)).toEqual([call, call]);
});

test.each([
  ['lambda:invoke', 'FunctionName', 'ApplyReferral', 'lambda:InvokeFunction'],
  ['sqs:sendMessage', 'QueueUrl', 'UserOnboardedQueue', 'sqs:SendMessage'],
  ['sns:publish', 'TopicArn', 'WelcomeTopic', 'sns:Publish'],
])('%s may wait for its token, and needs the same permission', (name, argument, id, action) => {
  const taskArguments = { [argument]: placeholder(id) };
  const call = { task: 'Step', action, resource: id };
  expect(callsOf({ Step: task(name, taskArguments) })).toEqual([{ ...call, waitsForToken: false }]);
  expect(callsOf({ Step: task(`${name}.waitForTaskToken`, taskArguments) })).toEqual([
    { ...call, waitsForToken: true },
  ]);
});

test.each([
  [
    'an unknown integration',
    task('sns:publishBatch', {}),
    /^The Task Step has the Resource .*sns:publishBatch.* sns:publish, /,
  ],
  [
    'one that takes no token',
    task('dynamodb:putItem.waitForTaskToken', { TableName: placeholder('UsersTable') }),
    /^The Task Step has the Resource .*dynamodb:putItem.waitForTaskToken/,
  ],
  [
    'a topic by its other name',
    task('sns:publish', { TargetArn: placeholder('WelcomeTopic') }),
    /^The Task Step needs a TopicArn from topics .* \$\{WelcomeTopic\}/,
  ],
  [
    'the ARN of a function',
    { Type: 'Task', Resource: placeholder('ApplyReferral') },
    /^The Task Step .* lambda:invoke/,
  ],
  [
    'no Arguments',
    task('sqs:sendMessage', {}),
    /^The Task Step .* QueueUrl .* \$\{UserOnboardedQueue\}/,
  ],
  [
    'an unlisted queue',
    task('sqs:sendMessage', { QueueUrl: placeholder('OtherQueue') }),
    /^The Task Step .* QueueUrl/,
  ],
  [
    'a literal URL',
    task('sqs:sendMessage', { QueueUrl: 'https://sqs.us-east-1.amazonaws.com/1/q' }),
    /^The Task Step .* QueueUrl/,
  ],
  [
    'a table in the place of a queue',
    task('sqs:sendMessage', { QueueUrl: placeholder('UsersTable') }),
    /^The Task Step .* QueueUrl/,
  ],
])('a Task with %s throws an error with its name', (_what, step, message) => {
  expect(() => callsOf({ Step: step })).toThrow(message);
});
