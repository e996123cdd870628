import { readFileSync } from 'node:fs';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, test } from 'vitest';
import { functions, queues } from '../../src/workflow/resources.ts';
import { logicalId, outputFolder, properties, readable, templates } from './template.ts';

outputFolder();
let all: ReturnType<typeof templates>;
beforeAll(() => {
  all = templates();
}, 120_000);

const readme = readFileSync(new URL('../../src/deploy/README.md', import.meta.url), 'utf8');
const alarmType = 'AWS::CloudWatch::Alarm';
const alarmsOf = (template: Template) =>
  Object.values(template.findResources(alarmType)).map(({ Properties }) => Properties);
const shortNames = (template: Template, stackName: string) =>
  alarmsOf(template).map(({ AlarmName }) => AlarmName.replace(`${stackName}-`, ''));
const alarmTopic = (template: Template) =>
  logicalId(template, 'AWS::SNS::Topic', {
    TopicName: Match.stringLikeRegexp('^user-onboarding.*-alarms$'),
  });
const statusAlarms = [
  'RecordStatusErrors',
  'ReconcileStatusesErrors',
  'StatusChangeDeadLettersNotEmpty',
  'EventsRecovered',
  'ExecutionsLeft',
];
/** Of the functions and queues of the workflow. */
const resourceAlarms = [
  ...Object.keys(functions).map((name) => `${name}Errors`),
  ...Object.keys(queues).map((name) => `${name}DeadLettersNotEmpty`),
];

describe.each(['workflow', 'statuses', 'service', 'webFunction'] as const)(
  'the stack of the %s',
  (stack) => {
    test('has a topic for its alarms, to which CloudWatch may publish', () => {
      const topic = alarmTopic(all[stack]);
      const alarms = alarmsOf(all[stack]);
      expect(alarms).not.toEqual([]);
      for (const alarm of alarms) {
        expect(alarm).toMatchObject({
          AlarmActions: [{ Ref: topic }],
          OKActions: [{ Ref: topic }],
        });
      }
      const { Statement } = properties(all[stack], 'AWS::SNS::TopicPolicy', {
        Topics: [{ Ref: topic }],
      }).PolicyDocument;
      expect(Statement).toContainEqual({
        Sid: expect.any(String),
        Action: 'sns:Publish',
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        Effect: 'Allow',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Resource: { Ref: topic },
      });
    });

    test('sends alarms to the address of the parameter AlarmEmail, if it is set', () => {
      const { Parameters, Conditions } = all[stack].toJSON();
      expect(Parameters.AlarmEmail.Default).toBe('');
      expect('ops@example.com').toMatch(new RegExp(Parameters.AlarmEmail.AllowedPattern));
      expect('ops').not.toMatch(new RegExp(Parameters.AlarmEmail.AllowedPattern));
      const [subscription] = Object.values(all[stack].findResources('AWS::SNS::Subscription'));
      expect(subscription).toMatchObject({
        Condition: 'HasAlarmEmail',
        Properties: { Protocol: 'email', Endpoint: { Ref: 'AlarmEmail' } },
      });
      expect(Conditions.HasAlarmEmail).toEqual({
        'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'AlarmEmail' }, ''] }],
      });
    });

    test('has a dashboard with its alarms, named after the Region', () => {
      const { DashboardBody, DashboardName } = properties(all[stack], 'AWS::CloudWatch::Dashboard');
      const body = String(readable(DashboardBody));
      for (const id of Object.keys(all[stack].findResources(alarmType))) {
        expect(body).toContain(`<${id}.Arn>`);
      }
      expect(readable(DashboardName)).toMatch(/^user-onboarding.*-<AWS::Region>$/);
    });

    test('has only alarms that the runbook explains', () => {
      for (const { AlarmName } of alarmsOf(all[stack])) {
        const [name] = /[A-Z]\w+$/.exec(AlarmName) ?? [];
        const inRunbook = [...readme.matchAll(/`…?([A-Z]\w+)`/g)].map(([, id]) => id ?? '');
        expect(
          inRunbook.some((id) => name?.endsWith(id)),
          AlarmName,
        ).toBe(true);
      }
    });

    test('describes in each alarm what is wrong, where to look and what to read', () => {
      expect(readme).toContain('## When an alarm fires');
      for (const { AlarmDescription } of alarmsOf(all[stack])) {
        expect(readable(AlarmDescription)).toMatch(
          /^[A-Z].+\. See the dashboard user-onboarding.*-<AWS::Region>, and "When an alarm fires" in src\/deploy\/README\.md\.$/,
        );
      }
    });
  },
);

test('the workflow has alarms for each state machine, function, dead-letter queue and lost event', () => {
  expect(shortNames(all.workflow, 'user-onboarding').toSorted()).toEqual(
    [
      ...['Standard', 'Express'].flatMap((id) => [
        `${id}ExecutionsFailed`,
        `${id}ExecutionsThrottled`,
        `${id}ExecutionsTimedOut`,
      ]),
      ...resourceAlarms,
      ...statusAlarms,
    ].toSorted(),
  );
  const counted = ['AWS::Lambda::Function', 'AWS::StepFunctions::StateMachine'].map(
    (type) => Object.keys(all.workflow.findResources(type)).length,
  );
  // Two of the functions maintain the status table.
  expect(counted).toEqual([Object.keys(functions).length + 2, 2]);
});

test.each([
  ['workflow', '| ALARMS alarms of the state machines and statuses, on METRICS metrics |'],
  ['statuses', ': the same runs and metrics, ALARMS alarms, dashboard |'],
  ['service', '| service on Fargate: ALARMS alarms, on METRICS metrics; dashboard |'],
  ['webFunction', '| service on Lambda: ALARMS alarms, on METRICS metrics; dashboard |'],
] as const)(
  'the costs count the alarms of the stack of the %s, and their metrics',
  (stack, row) => {
    // The costs state the price of a function or queue, so that a new one leaves them true.
    const alarms = alarmsOf(all[stack]).filter(
      ({ AlarmName }) => !resourceAlarms.some((name) => AlarmName.endsWith(name)),
    );
    // CloudWatch charges for each metric that an alarm reads, or that its query finds: here, one.
    const metrics = alarms.flatMap(({ Metrics = [{ MetricStat: {} }] }) =>
      Metrics.filter((each: { MetricStat?: object; Expression?: unknown }) =>
        each.MetricStat ? true : JSON.stringify(each.Expression).includes('SELECT'),
      ),
    );
    expect(readme).toContain(
      row.replace('ALARMS', `${alarms.length}`).replace('METRICS', `${metrics.length}`),
    );
  },
);

test('the dashboard shows errors and throttles of each function', () => {
  const { DashboardBody } = properties(all.workflow, 'AWS::CloudWatch::Dashboard');
  const body = String(readable(DashboardBody));
  for (const id of Object.keys(all.workflow.findResources('AWS::Lambda::Function'))) {
    for (const metric of ['Errors', 'Throttles']) {
      expect(body).toContain(`"AWS/Lambda","${metric}","FunctionName","<${id}>"`);
    }
  }
});

test('the stack for your own state machine has the alarms of statuses', () => {
  expect(shortNames(all.statuses, 'user-onboarding-statuses').toSorted()).toEqual(
    statusAlarms.toSorted(),
  );
});

test('the alarm for lost events also fires when reconcile-statuses does not run', () => {
  expect(properties(all.workflow, alarmType, { MetricName: 'EventsRecovered' })).toMatchObject({
    Namespace: 'UserOnboarding',
    Dimensions: [{ Name: 'StateMachine', Value: 'user-onboarding' }],
    Threshold: 1,
    TreatMissingData: 'breaching',
  });
  expect(properties(all.statuses, alarmType, { MetricName: 'EventsRecovered' }).Dimensions).toEqual(
    [{ Name: 'StateMachine', Value: expect.objectContaining({ 'Fn::Select': expect.anything() }) }],
  );
});

test('the service has alarms for 5xx, latency and unhealthy tasks', () => {
  expect(shortNames(all.service, 'user-onboarding-service')).toEqual([
    'ServerErrors',
    'SlowResponses',
    'UnhealthyTasks',
  ]);
  expect(properties(all.service, alarmType, { MetricName: 'TargetResponseTime' })).toMatchObject({
    ExtendedStatistic: 'p90',
    Threshold: { Ref: 'SlowSeconds' },
    EvaluationPeriods: 3,
  });
  expect(properties(all.service, alarmType, { MetricName: 'UnHealthyHostCount' })).toMatchObject({
    Statistic: 'Maximum',
    Threshold: 1,
  });
});

test('Prometheus finds each task by DNS, and may reach it from the security group MetricsSecurityGroup', () => {
  expect(properties(all.service, 'AWS::ServiceDiscovery::PrivateDnsNamespace').Name).toBe(
    'user-onboarding.internal',
  );
  expect(properties(all.service, 'AWS::ServiceDiscovery::Service')).toMatchObject({
    Name: 'tasks',
    DnsConfig: { DnsRecords: [{ Type: 'A', TTL: 15 }] },
  });
  const { Resources, Parameters } = all.service.toJSON();
  expect(Resources.MetricsScraper).toMatchObject({
    Condition: 'HasMetricsScraper',
    Properties: { SourceSecurityGroupId: { Ref: 'MetricsSecurityGroup' }, FromPort: 3000 },
  });
  expect(Parameters.MetricsSecurityGroup.Default).toBe('');
});
