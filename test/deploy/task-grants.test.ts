import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, expect, test } from 'vitest';
import { outputFolder, readable, templates } from './template.ts';

type Resources = ReturnType<Template['findResources']>;

outputFolder();
/** As they are deployed, each reference as `<Id>` or `<Id.Arn>`. */
let resources: Resources;
beforeAll(() => {
  resources = Object(readable(templates().workflow.toJSON())).Resources;
}, 120_000);

const machines = ['user-onboarding', 'user-onboarding-express'];

/** What the Tasks of a state machine call and its role does not allow, and the other way round. */
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

/** Of the policies of a state machine's role. */
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

/** The ARN of what the one argument refers to that is a reference. */
function resourceOf(taskArguments: Record<string, unknown>): string {
  return Object.values(taskArguments)
    .map((value) => /^<(\w+)(?:\.Arn)?>$/.exec(String(value))?.[1])
    .filter((id) => id !== undefined)
    .map((id) => `<${id}.Arn>`)
    .join();
}

test.each(machines)('the role of %s allows what the Tasks call, and nothing else', (name) => {
  expect(differences(resources, name)).toEqual([]);
});

test.each(machines)('beside it, the role of %s may write logs and traces', (name) => {
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

test('a Task whose call is not allowed, and a grant that no Task needs, would be told', () => {
  const doctored = JSON.parse(
    JSON.stringify(resources).replaceAll('"sqs:SendMessage"', '"sqs:ReceiveMessage"'),
  );
  expect(differences(doctored, 'user-onboarding')).toEqual(
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
