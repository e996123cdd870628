import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, test } from 'vitest';
import { deployment } from '../../src/deploy/app.ts';
import { readDefinition } from '../../src/workflow/definition.ts';
import { functions, queues, type Table, tables } from '../../src/workflow/resources.ts';
import { serviceStatements } from './status-statements.ts';
import { logicalId, outputFolder, properties, readable, templates } from './template.ts';

outputFolder();
let workflow: Template;
beforeAll(() => {
  workflow = templates().workflow;
}, 120_000);

const stateMachine = 'AWS::StepFunctions::StateMachine';
const table = 'AWS::DynamoDB::GlobalTable';
const lambdaFunction = 'AWS::Lambda::Function';
const queue = 'AWS::SQS::Queue';
const idOf = (type: string, some: object = {}) => logicalId(workflow, type, some);
const arnOf = (name: string) => ({
  Ref: logicalId(workflow, stateMachine, { StateMachineName: name }),
});
const standardArn = () => arnOf('user-onboarding');
const expressArn = () => arnOf('user-onboarding-express');

describe('the no-code route', () => {
  test('is an HTTP API named user-onboarding-api', () => {
    expect(properties(workflow, 'AWS::ApiGatewayV2::Api')).toMatchObject({
      Name: 'user-onboarding-api',
      ProtocolType: 'HTTP',
    });
  });

  test('calls StartExecution of the Standard state machine for POST /new-user', () => {
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

  test('requires signed requests, unless the context open-new-user is yes', () => {
    const route = 'AWS::ApiGatewayV2::Route';
    expect(properties(workflow, route).AuthorizationType).toBe('AWS_IAM');
    const open = deployment({ 'open-new-user': 'yes' });
    expect(open.workflow.node.findChild('NewUser')).toHaveProperty('authorizationType', 'NONE');
  });

  test('has a role for API Gateway that may only start the two state machines and write logs', () => {
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

  test('is logged and throttled, and its log has neither body nor IP address', () => {
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

const machines = ['user-onboarding', 'user-onboarding-express'];
const machineOf = (StateMachineName: string) =>
  properties(workflow, stateMachine, { StateMachineName });
/** The deployed definition, each reference as a logical id. */
const definitionOf = (name: string) => String(readable(machineOf(name).DefinitionString));

test.each([
  ['user-onboarding', 'STANDARD'],
  ['user-onboarding-express', 'EXPRESS'],
])(
  '%s runs the workflow as %s, with traces, and logs no execution data',
  (name, StateMachineType) => {
    expect(machineOf(name)).toMatchObject({
      StateMachineType,
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
      TracingConfiguration: { Enabled: true },
    });
    const { States } = JSON.parse(definitionOf(name));
    expect(Object.keys(States)).toEqual(Object.keys(readDefinition().States));
  },
);

test.each(machines)('the placeholders of %s refer to the resources of the stack', (name) => {
  const { States } = JSON.parse(definitionOf(name));
  expect(States.SaveUser).toMatchObject({
    Resource: 'arn:<AWS::Partition>:states:::dynamodb:putItem',
    Arguments: { TableName: `<${idOf(table, { TableName: 'user-onboarding' })}>` },
  });
  const FunctionName = 'user-onboarding-apply-referral';
  expect(States.ApplyReferral.Arguments.FunctionName).toBe(
    `<${idOf(lambdaFunction, { FunctionName })}.Arn>`,
  );
  expect(States.AnnounceUser.Arguments.QueueUrl).toBe(
    `<${idOf(queue, { QueueName: 'user-onboarded' })}>`,
  );
});

test.each(machines)('only Step Functions in this account can assume the role of %s', (name) => {
  const role = workflow.toJSON().Resources[machineOf(name).RoleArn['Fn::GetAtt'][0]].Properties;
  expect(readable(role.AssumeRolePolicyDocument.Statement)).toEqual([
    {
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Principal: { Service: 'states.amazonaws.com' },
      Condition: {
        StringEquals: { 'aws:SourceAccount': '<AWS::AccountId>' },
        ArnLike: {
          'aws:SourceArn':
            'arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:stateMachine:*',
        },
      },
    },
  ]);
});

test.each(Object.values<Table>(tables))(
  'the table $name is encrypted, backed up and retained when the stack is deleted',
  ({ name, partitionKey, sortKey }) => {
    const [found] = Object.values(
      workflow.findResources(table, { Properties: { TableName: name } }),
    );
    expect(found).toMatchObject({
      DeletionPolicy: 'Retain',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [
          { AttributeName: partitionKey, KeyType: 'HASH' },
          ...(sortKey ? [{ AttributeName: sortKey, KeyType: 'RANGE' }] : []),
        ],
        SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
        Replicas: [
          {
            DeletionProtectionEnabled: true,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          },
        ],
      },
    });
  },
);

test.each(Object.values(queues))(
  'the queue $name has a dead-letter queue, and both are encrypted',
  ({ name }) => {
    const QueueName = `${name}-dead-letters`;
    const messages = properties(workflow, queue, { QueueName: name });
    expect(messages).toMatchObject({
      SqsManagedSseEnabled: true,
      RedrivePolicy: {
        deadLetterTargetArn: { 'Fn::GetAtt': [idOf(queue, { QueueName }), 'Arn'] },
        maxReceiveCount: 5,
      },
    });
    const deadLetters = properties(workflow, queue, { QueueName });
    expect(deadLetters.SqsManagedSseEnabled).toBe(true);
    // The age of a dead letter counts from when it was first sent.
    expect(deadLetters.MessageRetentionPeriod).toBeGreaterThan(messages.MessageRetentionPeriod);
  },
);

describe.each(Object.values(functions))('the function $name', ({ name }) => {
  const deployed = () => properties(workflow, lambdaFunction, { FunctionName: name });

  test('runs on Node 24, with traces', () => {
    expect(deployed()).toMatchObject({
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Timeout: 10,
      TracingConfig: { Mode: 'Active' },
    });
  });

  test('may only write to its log and to X-Ray', () => {
    const { Role, LoggingConfig } = deployed();
    const logGroup = idOf('AWS::Logs::LogGroup', { LogGroupName: `/aws/lambda/${name}` });
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
});

test('the policy of the service allows exactly its calls', () => {
  const policy = properties(workflow, 'AWS::IAM::ManagedPolicy');
  const [standard, express] = [readable(standardArn()), readable(expressArn())];
  expect(readable(policy.PolicyDocument.Statement)).toEqual([
    {
      Effect: 'Allow',
      Action: 'states:StartExecution',
      Resource: standard,
    },
    { Effect: 'Allow', Action: 'states:StartSyncExecution', Resource: express },
    { Effect: 'Allow', Action: 'states:DescribeStateMachine', Resource: [express, standard] },
    {
      Effect: 'Allow',
      Action: ['states:DescribeExecution', 'states:GetExecutionHistory', 'states:StopExecution'],
      Resource:
        'arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:user-onboarding:*',
    },
    ...serviceStatements,
  ]);
});

test('what has data and a fixed name keeps its logical id, so that no deployment replaces it', () => {
  expect(Object.keys(workflow.toJSON().Resources)).toEqual(
    expect.arrayContaining([
      'ExpressEE4D4F3B',
      'Standard6231A280',
      'StatusChangeDeadLetters8305AE76',
      'StatusTable',
      'UserOnboardedQueue817E07AA',
      'UserOnboardedQueueDeadLetters58E14AF6',
      'UsersTable9725E9C8',
    ]),
  );
});

test('the outputs are lines of .env', () => {
  const lines = Object.values(workflow.findOutputs('*'))
    .filter((output) => !output.Export)
    .map((output) => readable(output.Value));
  const api = logicalId(workflow, 'AWS::ApiGatewayV2::Api');
  expect(lines).toEqual([
    `STEP_FUNCTIONS_WORKFLOW_ARN=<${standardArn().Ref}>`,
    `STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS=<${expressArn().Ref}>`,
    `STATUS_TABLE=<${idOf('AWS::DynamoDB::Table')}>`,
    `NEW_USER_URL=https://<${api}>.execute-api.<AWS::Region>.<AWS::URLSuffix>/new-user`,
  ]);
});

test('logs are kept for 30 days, those of AWS services under /aws/vendedlogs/', () => {
  const groups = Object.values(workflow.findResources('AWS::Logs::LogGroup'));
  expect(groups.map(({ Properties }) => Properties.LogGroupName)).toEqual(
    expect.arrayContaining([
      '/aws/vendedlogs/apigateway/user-onboarding-api',
      '/aws/vendedlogs/states/user-onboarding',
      '/aws/vendedlogs/states/user-onboarding-express',
    ]),
  );
  for (const group of groups) {
    expect(group).toMatchObject({
      DeletionPolicy: 'Delete',
      Properties: {
        LogGroupName: expect.stringMatching(/^\/aws\/(lambda|vendedlogs)\//),
        RetentionInDays: 30,
      },
    });
  }
});
