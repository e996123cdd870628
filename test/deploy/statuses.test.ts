import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, test } from 'vitest';
import { statusTableDefinition } from '../../src/status-table/definition.ts';
import { serviceStatements } from './status-statements.ts';
import { logicalId, outputFolder, properties, readable, templates } from './template.ts';

outputFolder();
let all: ReturnType<typeof templates>;
beforeAll(() => {
  all = templates();
}, 120_000);

const executions = 'arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution';

describe.each([
  ['the stack of the workflow', 'workflow', 'user-onboarding'],
  ['the stack for your own state machine', 'statuses', 'own-onboarding'],
] as const)('%s', (_, which, prefix) => {
  let template: Template;
  let stateMachine: string;
  let executionsArn: string;
  beforeAll(() => {
    template = all[which];
    const StateMachineName = 'user-onboarding';
    stateMachine =
      which === 'statuses'
        ? 'StateMachineArn'
        : logicalId(template, 'AWS::StepFunctions::StateMachine', { StateMachineName });
    executionsArn = `${executions}:${which === 'statuses' ? 'part 6 of <StateMachineArn>' : StateMachineName}:*`;
  });

  const fn = (name: string) => ({ FunctionName: `${prefix}-${name}` });
  const idOf = (type: string, some: object = {}) => logicalId(template, type, some);

  function statementsOf(name: string) {
    const { Role } = properties(template, 'AWS::Lambda::Function', fn(name));
    const policy = properties(template, 'AWS::IAM::Policy', {
      Roles: [{ Ref: Role['Fn::GetAtt'][0] }],
    });
    const statements: { Action: unknown; Resource: unknown }[] = Object.values(
      readable(policy.PolicyDocument.Statement) ?? [],
    );
    return statements
      .filter(({ Action }) => !/"(logs|xray):/.test(JSON.stringify(Action)))
      .map(({ Action, Resource }) => [Action, Resource]);
  }

  test('has the table of src/status-table/definition.ts, with encryption, TTL and deletion with the stack', () => {
    const { AttributeDefinitions, GlobalSecondaryIndexes, KeySchema, BillingMode, TableName } =
      statusTableDefinition(`${prefix}-statuses`);
    const id = idOf('AWS::DynamoDB::Table');
    expect(template.toJSON().Resources[id]).toMatchObject({
      Type: 'AWS::DynamoDB::Table',
      DeletionPolicy: 'Delete',
      UpdateReplacePolicy: 'Delete',
      Properties: {
        TableName,
        BillingMode,
        AttributeDefinitions,
        KeySchema,
        GlobalSecondaryIndexes,
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
        SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
      },
    });
  });

  test('routes every status change of the state machine to record-status', () => {
    const rule = properties(template, 'AWS::Events::Rule', { EventPattern: {} });
    expect(readable(rule.EventPattern)).toEqual({
      source: ['aws.states'],
      'detail-type': ['Step Functions Execution Status Change'],
      detail: {
        stateMachineArn: [`<${stateMachine}>`],
        status: ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'],
      },
    });
    const target = idOf('AWS::Lambda::Function', fn('record-status'));
    const deadLetters = idOf('AWS::SQS::Queue', {
      QueueName: `${prefix}-status-change-dead-letters`,
    });
    expect(readable(rule.Targets)).toMatchObject([
      { Arn: `<${target}.Arn>`, DeadLetterConfig: { Arn: `<${deadLetters}.Arn>` } },
    ]);
    const invoked = properties(template, 'AWS::Lambda::EventInvokeConfig', {
      FunctionName: { Ref: target },
    });
    expect(readable(invoked.DestinationConfig)).toEqual({
      OnFailure: { Destination: `<${deadLetters}.Arn>` },
    });
  });

  test('keeps status changes that could not be recorded for two weeks, encrypted', () => {
    expect(
      properties(template, 'AWS::SQS::Queue', {
        QueueName: `${prefix}-status-change-dead-letters`,
      }),
    ).toMatchObject({ MessageRetentionPeriod: 14 * 86_400, SqsManagedSseEnabled: true });
  });

  test('runs reconcile-statuses once a minute, for a minute at most and without retries', () => {
    const target = idOf('AWS::Lambda::Function', fn('reconcile-statuses'));
    const rule = properties(template, 'AWS::Events::Rule', {
      ScheduleExpression: 'rate(1 minute)',
    });
    expect(readable(rule.Targets)).toMatchObject([
      { Arn: `<${target}.Arn>`, RetryPolicy: { MaximumRetryAttempts: 0 } },
    ]);
    expect(
      properties(template, 'AWS::Lambda::EventInvokeConfig', { FunctionName: { Ref: target } }),
    ).toMatchObject({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 });
    expect(properties(template, 'AWS::Lambda::Function', fn('reconcile-statuses')).Timeout).toBe(
      60,
    );
  });

  test.each(['record-status', 'reconcile-statuses'])(
    'gives %s the table and the state machine',
    (name) => {
      const { Environment } = properties(template, 'AWS::Lambda::Function', fn(name));
      expect(Environment.Variables).toMatchObject({
        STATUS_TABLE: { Ref: 'StatusTable' },
        STEP_FUNCTIONS_WORKFLOW_ARN: { Ref: stateMachine },
      });
    },
  );

  test('allows record-status only to write to the table and to describe executions', () => {
    const deadLetters = idOf('AWS::SQS::Queue', {
      QueueName: `${prefix}-status-change-dead-letters`,
    });
    expect(statementsOf('record-status')).toEqual([
      [['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage'], `<${deadLetters}.Arn>`],
      ['dynamodb:UpdateItem', '<StatusTable.Arn>'],
      ['states:DescribeExecution', executionsArn],
    ]);
  });

  test('allows reconcile-statuses only to compare the table with Step Functions and to correct it', () => {
    expect(statementsOf('reconcile-statuses')).toEqual([
      [
        [
          'dynamodb:BatchGetItem',
          'dynamodb:DeleteItem',
          'dynamodb:GetItem',
          'dynamodb:PutItem',
          'dynamodb:UpdateItem',
        ],
        '<StatusTable.Arn>',
      ],
      ['dynamodb:Query', '<StatusTable.Arn>/index/running'],
      ['states:ListExecutions', `<${stateMachine}>`],
      ['states:DescribeExecution', executionsArn],
    ]);
  });
});

describe('the stack for your own state machine', () => {
  test('has its ARN as a parameter, without a version or alias', () => {
    const { AllowedPattern } = all.statuses.toJSON().Parameters.StateMachineArn;
    const arn = 'arn:aws:states:us-east-1:123456789012:stateMachine:own';
    expect(arn).toMatch(new RegExp(AllowedPattern));
    expect(`${arn}:1`).not.toMatch(new RegExp(AllowedPattern));
    expect('own').not.toMatch(new RegExp(AllowedPattern));
  });

  test('has a policy for the service, and STATUS_TABLE as an output', () => {
    const policy = properties(all.statuses, 'AWS::IAM::ManagedPolicy');
    expect(readable(policy.PolicyDocument.Statement)).toEqual(serviceStatements);
    expect(readable(Object.values(all.statuses.findOutputs('*'))[0]?.Value)).toBe(
      'STATUS_TABLE=<StatusTable>',
    );
  });
});

test('the budgets of all tasks and both functions together are within the quota of DescribeExecution', () => {
  const template = all.service.toJSON();
  const budgets: Record<string, { rate: string; burst: string }> =
    template.Mappings.DescribeBudgets;
  const { MinValue, MaxValue } = template.Parameters.MaxTasks;
  const allowed = Array.from({ length: MaxValue - MinValue + 1 }, (_, index) => MinValue + index);
  expect(Object.keys(budgets).map(Number)).toEqual(allowed);
  for (const [tasks, { rate, burst }] of Object.entries(budgets)) {
    expect(Number(tasks) * Number(rate)).toBeLessThanOrEqual(10 - 4);
    expect(Number(tasks) * Number(burst)).toBeLessThanOrEqual(250 - 50);
    expect(Number(rate)).toBeGreaterThanOrEqual(0.1);
    expect(Number(burst)).toBeGreaterThanOrEqual(1);
  }
  const { Environment } = properties(all.service, 'AWS::ECS::TaskDefinition')
    .ContainerDefinitions[0];
  const share = (member: string) => ({
    'Fn::FindInMap': ['DescribeBudgets', { Ref: 'MaxTasks' }, member],
  });
  expect(Environment).toContainEqual({ Name: 'DESCRIBE_RATE', Value: share('rate') });
  expect(Environment).toContainEqual({ Name: 'DESCRIBE_BURST', Value: share('burst') });
});
