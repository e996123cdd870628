import { readFileSync } from 'node:fs';
import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, test } from 'vitest';
import { deployment } from '../../src/deploy/app.ts';
import { logicalId, outputFolder, properties, readable, templates } from './template.ts';

outputFolder();
let workflow: Template;
beforeAll(() => {
  workflow = templates().workflow;
}, 120_000);

const stateMachine = 'AWS::StepFunctions::StateMachine';
const arnOf = (name: string) => ({
  Ref: logicalId(workflow, stateMachine, { StateMachineName: name }),
});
const standardArn = () => arnOf('user-onboarding');
const expressArn = () => arnOf('user-onboarding-express');

describe('the no-code route', () => {
  test('is an HTTP API by its name', () => {
    expect(properties(workflow, 'AWS::ApiGatewayV2::Api')).toMatchObject({
      Name: 'user-onboarding-api',
      ProtocolType: 'HTTP',
    });
  });

  test('POST /new-user leads to StartExecution on the Standard state machine', () => {
    const integration = properties(workflow, 'AWS::ApiGatewayV2::Integration');
    expect(integration).toEqual({
      ApiId: { Ref: logicalId(workflow, 'AWS::ApiGatewayV2::Api') },
      IntegrationType: 'AWS_PROXY',
      IntegrationSubtype: 'StepFunctions-StartExecution',
      PayloadFormatVersion: '1.0',
      RequestParameters: { Input: '$request.body.input', StateMachineArn: standardArn() },
      TimeoutInMillis: 10_000,
      CredentialsArn: {
        'Fn::GetAtt': [
          logicalId(workflow, 'AWS::IAM::Role', {
            RoleName: 'user-onboarding-api-gateway-stepfunctions-role',
          }),
          'Arn',
        ],
      },
    });
    const route = properties(workflow, 'AWS::ApiGatewayV2::Route');
    expect(route.RouteKey).toBe('POST /new-user');
    expect(readable(route.Target)).toBe(
      `integrations/<${logicalId(workflow, 'AWS::ApiGatewayV2::Integration')}>`,
    );
  });

  test("takes signed requests alone, or anybody's when that was asked for", () => {
    const route = 'AWS::ApiGatewayV2::Route';
    expect(properties(workflow, route).AuthorizationType).toBe('AWS_IAM');
    const open = deployment({ 'open-new-user': 'yes' });
    expect(open.workflow.node.findChild('NewUser')).toHaveProperty('authorizationType', 'NONE');
  });

  test('has a role that API Gateway takes on, to start our two state machines and to log', () => {
    const role = properties(workflow, 'AWS::IAM::Role', {
      RoleName: 'user-onboarding-api-gateway-stepfunctions-role',
    });
    expect(role.AssumeRolePolicyDocument.Statement).toEqual([
      {
        Action: 'sts:AssumeRole',
        Effect: 'Allow',
        Principal: { Service: 'apigateway.amazonaws.com' },
      },
    ]);
    expect(readable(role.ManagedPolicyArns)).toEqual([
      'arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs',
    ]);
    expect(role.Policies).toEqual([
      {
        PolicyName: 'InvokeUserOnboardingWorkflow',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Action: ['states:StartExecution', 'states:StartSyncExecution'],
              Resource: [expressArn(), standardArn()],
            },
          ],
        },
      },
    ]);
  });

  test('is logged and throttled, and its log holds neither body nor address', () => {
    const stage = properties(workflow, 'AWS::ApiGatewayV2::Stage');
    expect(stage).toMatchObject({
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingBurstLimit: 100, ThrottlingRateLimit: 50 },
    });
    const format = JSON.parse(stage.AccessLogSettings.Format);
    expect(format).toMatchObject({
      requestId: '$context.requestId',
      status: '$context.status',
      integrationStatus: '$context.integration.status',
    });
    expect(Object.values(format).join()).not.toMatch(/sourceIp|identity|requestOverride|body/);
  });
});

test('both state machines run the one definition, traced, and log no execution data', () => {
  const definition = readFileSync('config/user-onboarding.asl.json', 'utf8');
  for (const [name, type] of [
    ['user-onboarding', 'STANDARD'],
    ['user-onboarding-express', 'EXPRESS'],
  ]) {
    const machine = properties(workflow, stateMachine, { StateMachineName: name });
    expect(machine).toMatchObject({
      StateMachineType: type,
      DefinitionString: definition,
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
      TracingConfiguration: { Enabled: true },
    });
    const placeholders = definition.matchAll(/\$\{(\w+)\}/g).map(([, placeholder]) => placeholder);
    expect(Object.keys(machine.DefinitionSubstitutions).sort()).toEqual(
      [...new Set(placeholders)].sort(),
    );
  }
});

test.each(['user-onboarding', 'user-onboarding-express'])(
  'the role of %s may do what the definition does, on our resources, and nothing else',
  (name) => {
    const machine = properties(workflow, stateMachine, { StateMachineName: name });
    const roleId = machine.RoleArn['Fn::GetAtt'][0];
    const { Statement: trust } =
      workflow.toJSON().Resources[roleId].Properties.AssumeRolePolicyDocument;
    expect(trust).toHaveLength(1);
    expect(trust[0].Principal).toEqual({ Service: 'states.amazonaws.com' });
    expect(trust[0].Condition.StringEquals).toEqual({
      'aws:SourceAccount': { Ref: 'AWS::AccountId' },
    });
    const policy = properties(workflow, 'AWS::IAM::Policy', { Roles: [{ Ref: roleId }] });
    const attribute = (type: string, matches = {}) => ({
      'Fn::GetAtt': [logicalId(workflow, type, matches), 'Arn'],
    });
    expect(policy.PolicyDocument.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: 'dynamodb:PutItem',
        Resource: attribute('AWS::DynamoDB::GlobalTable'),
      },
      {
        Effect: 'Allow',
        Action: 'lambda:InvokeFunction',
        Resource: attribute('AWS::Lambda::Function'),
      },
      {
        Effect: 'Allow',
        Action: 'sqs:SendMessage',
        Resource: attribute('AWS::SQS::Queue', { QueueName: 'user-onboarded' }),
      },
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
  },
);

test('the users are in a table that is encrypted, backed up and outlives the stack', () => {
  expect(properties(workflow, 'AWS::DynamoDB::GlobalTable')).toMatchObject({
    TableName: 'user-onboarding',
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [
      { AttributeName: 'PK', KeyType: 'HASH' },
      { AttributeName: 'SK', KeyType: 'RANGE' },
    ],
    SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
    Replicas: [
      {
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      },
    ],
  });
  workflow.hasResource('AWS::DynamoDB::GlobalTable', { DeletionPolicy: 'Retain' });
});

test('announcements that nobody can handle end up among the dead letters', () => {
  const deadLetters = logicalId(workflow, 'AWS::SQS::Queue', {
    QueueName: 'user-onboarded-dead-letters',
    SqsManagedSseEnabled: true,
  });
  expect(properties(workflow, 'AWS::SQS::Queue', { QueueName: 'user-onboarded' })).toMatchObject({
    SqsManagedSseEnabled: true,
    RedrivePolicy: {
      deadLetterTargetArn: { 'Fn::GetAtt': [deadLetters, 'Arn'] },
      maxReceiveCount: 5,
    },
  });
});

test('the function runs on the newest Node', () => {
  expect(properties(workflow, 'AWS::Lambda::Function')).toMatchObject({
    FunctionName: 'user-onboarding-apply-referral',
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Timeout: 10,
  });
});

test('the service has a policy with what it calls', () => {
  const policy = properties(workflow, 'AWS::IAM::ManagedPolicy');
  const [standard, express] = [readable(standardArn()), readable(expressArn())];
  expect(readable(policy.PolicyDocument.Statement)).toEqual([
    {
      Effect: 'Allow',
      Action: ['states:ListExecutions', 'states:StartExecution'],
      Resource: standard,
    },
    { Effect: 'Allow', Action: 'states:StartSyncExecution', Resource: express },
    { Effect: 'Allow', Action: 'states:DescribeStateMachine', Resource: [express, standard] },
    {
      Effect: 'Allow',
      Action: 'states:DescribeExecution',
      Resource:
        'arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:user-onboarding:*',
    },
  ]);
});

test('the outputs are lines of .env', () => {
  const lines = Object.values(workflow.findOutputs('*'))
    .filter((output) => !output.Export)
    .map((output) => readable(output.Value));
  const api = logicalId(workflow, 'AWS::ApiGatewayV2::Api');
  expect(lines).toEqual([
    `STEP_FUNCTIONS_WORKFLOW_ARN=<${standardArn().Ref}>`,
    `STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS=<${expressArn().Ref}>`,
    `NEW_USER_URL=https://<${api}>.execute-api.<AWS::Region>.<AWS::URLSuffix>/new-user`,
  ]);
});

const idOf = (type: string, some = {}) => logicalId(workflow, type, some);

test.each(['user-onboarding', 'user-onboarding-express'])(
  '%s has what its placeholders mean, and acts for state machines of this account alone',
  (StateMachineName) => {
    const machine = properties(workflow, 'AWS::StepFunctions::StateMachine', { StateMachineName });
    expect(machine.DefinitionSubstitutions).toEqual({
      Partition: { Ref: 'AWS::Partition' },
      TableName: { Ref: idOf('AWS::DynamoDB::GlobalTable') },
      FunctionArn: { 'Fn::GetAtt': [idOf('AWS::Lambda::Function'), 'Arn'] },
      QueueUrl: { Ref: idOf('AWS::SQS::Queue', { QueueName: 'user-onboarded' }) },
    });
    const role = workflow.toJSON().Resources[machine.RoleArn['Fn::GetAtt'][0]].Properties;
    expect(readable(role.AssumeRolePolicyDocument.Statement[0].Condition.ArnLike)).toEqual({
      'aws:SourceArn': 'arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:stateMachine:*',
    });
  },
);

test('logs are kept for a month, those of AWS services under /aws/vendedlogs/', () => {
  const groups = Object.values(workflow.findResources('AWS::Logs::LogGroup'));
  expect(groups.map(({ Properties }) => Properties.LogGroupName).toSorted()).toEqual([
    '/aws/lambda/user-onboarding-apply-referral',
    '/aws/vendedlogs/apigateway/user-onboarding-api',
    '/aws/vendedlogs/states/user-onboarding',
    '/aws/vendedlogs/states/user-onboarding-express',
  ]);
  for (const group of groups) {
    expect(group).toMatchObject({ DeletionPolicy: 'Delete', Properties: { RetentionInDays: 30 } });
  }
});

test('a dead letter, whose age counts from its first sending, is kept for longer', () => {
  const keptFor = (QueueName: string) =>
    properties(workflow, 'AWS::SQS::Queue', { QueueName }).MessageRetentionPeriod;
  expect(keptFor('user-onboarded-dead-letters')).toBeGreaterThan(keptFor('user-onboarded'));
});

test('the function may write to its log and to X-Ray, and nothing else', () => {
  const { Role, TracingConfig, LoggingConfig } = properties(workflow, 'AWS::Lambda::Function');
  const logGroup = idOf('AWS::Logs::LogGroup', {
    LogGroupName: '/aws/lambda/user-onboarding-apply-referral',
  });
  expect(TracingConfig).toEqual({ Mode: 'Active' });
  expect(LoggingConfig).toEqual({ LogGroup: { Ref: logGroup } });
  const policy = properties(workflow, 'AWS::IAM::Policy', {
    Roles: [{ Ref: Role['Fn::GetAtt'][0] }],
  });
  expect(policy.PolicyDocument.Statement).toEqual([
    {
      Effect: 'Allow',
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: { 'Fn::GetAtt': [logGroup, 'Arn'] },
    },
    {
      Effect: 'Allow',
      Action: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
      Resource: '*',
    },
  ]);
});
