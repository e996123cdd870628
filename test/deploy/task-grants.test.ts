import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, expect, test } from 'vitest';
import { readDefinition } from '../../src/workflow/definition.ts';
import { resources as ownResources } from '../../src/workflow/resources.ts';
import { outputFolder, readable, templates } from './template.ts';

type Resources = ReturnType<Template['findResources']>;

outputFolder();
/** The resources of the workflow stack, each reference as `<Id>` or `<Id.Arn>`. */
let resources: Resources;
/** The same for a workflow with another Task, which publishes to a topic. */
let withTopic: Resources;
beforeAll(() => {
  resources = resourcesOf(templates().workflow);
  withTopic = resourcesOf(templates({}, withTask('sns:publish')).workflow);
}, 240_000);

function resourcesOf(template: Template): Resources {
  return Object(readable(template.toJSON())).Resources;
}

/** The workflow with another Task, and its topic. */
function withTask(integration: string) {
  const definition = readDefinition();
  const Welcome = {
    Type: 'Task',
    Resource: `arn:\${Partition}:states:::${integration}`,
    Arguments: { TopicArn: `\${WelcomeTopic}`, Message: 'Welcome' },
    End: true,
  };
  return {
    definition: { ...definition, States: { ...definition.States, Welcome } },
    resources: { ...ownResources, topics: { WelcomeTopic: { name: 'user-welcome' } } },
  };
}

const machines = ['user-onboarding', 'user-onboarding-express'];

/** The calls of Tasks that the role does not allow, and the grants of the role that no Task uses. */
function differences(all: Resources, name: string): string[] {
  const called = tasks(JSON.parse(machineOf(all, name).DefinitionString)).map((task) => ({
    task: task.name,
    call: `${actionOf(task.Resource)} on ${resourceOf(task.Arguments)}`,
  }));
  const allowed = statements(all, name)
    .filter(({ Resource }) => Resource !== '*')
    .flatMap(({ Action, Resource }) =>
      [Action].flat().flatMap((action) => [Resource].flat().map((arn) => `${action} on ${arn}`)),
    );
  return [
    ...called
      .filter(({ call }) => !allowed.includes(call))
      .map(({ task, call }) => `${task} calls ${call}: the role does not allow it`),
    ...allowed
      .filter((grant) => !called.some(({ call }) => call === grant))
      .map((grant) => `the role allows ${grant}: no Task calls it`),
  ];
}

function machineOf(all: Resources, name: string) {
  return Object.values(all).find(({ Properties }) => Properties?.StateMachineName === name)
    ?.Properties;
}

/** The statements in the policies of the role of a state machine. */
function statements(all: Resources, name: string) {
  const role = machineOf(all, name).RoleArn.replace('.Arn>', '>');
  return Object.values(all)
    .filter(
      ({ Type, Properties }) => Type === 'AWS::IAM::Policy' && Properties.Roles.includes(role),
    )
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
}

interface Task {
  readonly name: string;
  readonly Resource: string;
  readonly Arguments: Record<string, unknown>;
}

function tasks(node: unknown, name = ''): Task[] {
  if (typeof node !== 'object' || node === null) return [];
  if ('Type' in node && node.Type === 'Task') return [{ ...Object(node), name }];
  return Object.entries(node).flatMap(([member, value]) => tasks(value, member));
}

/** `dynamodb:PutItem` for `arn:<AWS::Partition>:states:::dynamodb:putItem`. */
function actionOf(resource: string): string {
  const [service = '', operation = ''] = resource.split(':').slice(-2);
  const action = operation.charAt(0).toUpperCase() + operation.slice(1);
  return service === 'lambda' ? `lambda:${action}Function` : `${service}:${action}`;
}

/** The ARN of the resource that one of the arguments refers to. */
function resourceOf(taskArguments: Record<string, unknown>): string {
  return Object.entries(taskArguments)
    .map(([argument, value]) => {
      const [, id] = /^<(\w+)(?:\.Arn)?>$/.exec(String(value)) ?? [];
      if (id === undefined) return '';
      // The reference to a topic is its ARN.
      return argument === 'TopicArn' ? `<${id}>` : `<${id}.Arn>`;
    })
    .join('');
}

test.each(machines)('the role of %s allows exactly the calls of the Tasks', (name) => {
  expect(differences(resources, name)).toEqual([]);
});

test.each(machines)('with a Task that publishes to a topic, the role of %s allows that', (name) => {
  expect(differences(withTopic, name)).toEqual([]);
  expect(statements(withTopic, name)).toContainEqual({
    Effect: 'Allow',
    Action: 'sns:Publish',
    Resource: expect.stringMatching(/^<WelcomeTopic\w+>$/),
  });
});

test('a topic is encrypted, and refuses messages without TLS', () => {
  const ofTopic = (type: string) =>
    Object.entries(withTopic).find(
      ([id, { Type }]) => id.startsWith('WelcomeTopic') && Type === type,
    )?.[1].Properties;
  expect(ofTopic('AWS::SNS::Topic')).toMatchObject({
    TopicName: 'user-welcome',
    KmsMasterKeyId: 'arn:<AWS::Partition>:kms:<AWS::Region>:<AWS::AccountId>:alias/aws/sns',
  });
  expect(ofTopic('AWS::SNS::TopicPolicy').PolicyDocument.Statement).toMatchObject([
    { Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
  ]);
});

test('a Task that waits for a task token is refused, as an Express state machine cannot have it', () => {
  expect(() => templates({}, withTask('sns:publish.waitForTaskToken'))).toThrow(
    /^The Task Welcome waits for a task token, which Express state machines do not support\./,
  );
});

test.each(machines)('the role of %s may also write logs and traces', (name) => {
  expect(statements(resources, name).filter(({ Resource }) => Resource === '*')).toEqual([
    {
      Effect: 'Allow',
      Action: [
        'logs:CreateLogDelivery',
        'logs:DeleteLogDelivery',
        'logs:DescribeLogGroups',
        'logs:DescribeResourcePolicies',
        'logs:GetLogDelivery',
        'logs:ListLogDeliveries',
        'logs:PutResourcePolicy',
        'logs:UpdateLogDelivery',
        'xray:GetSamplingRules',
        'xray:GetSamplingTargets',
        'xray:PutTelemetryRecords',
        'xray:PutTraceSegments',
      ],
      Resource: '*',
    },
  ]);
});

test('the comparison finds a call that is not allowed, and a grant that no Task uses', () => {
  const changed = JSON.parse(
    JSON.stringify(resources).replaceAll('"sqs:SendMessage"', '"sqs:ReceiveMessage"'),
  );
  expect(differences(changed, 'user-onboarding')).toEqual(
    expect.arrayContaining([
      expect.stringMatching(
        /^AnnounceUser calls sqs:SendMessage on <UserOnboardedQueue\w+\.Arn>: the role does not allow it$/,
      ),
      expect.stringMatching(
        /^the role allows sqs:ReceiveMessage on <UserOnboardedQueue\w+\.Arn>: no Task calls it$/,
      ),
    ]),
  );
});
