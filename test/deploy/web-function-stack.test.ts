import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, expect, test } from 'vitest';
import { environmentSchema } from '../../src/settings.ts';
import { logicalId, outputFolder, properties, readable, templates } from './template.ts';
import { webFunctionEnvironment, webFunctionSettings } from './web-function-settings.ts';

outputFolder();
let workflow: Template;
let webFunction: Template;
let service: Template;
beforeAll(() => {
  ({ workflow, webFunction, service } = templates());
}, 120_000);

const revision = () => properties(webFunction, 'AWS::Lambda::WebFunctionRevision').ServiceConfig;
const endpoint = () => properties(webFunction, 'AWS::Lambda::WebFunctionEndpoint');
const parameters = (template = webFunction) => template.toJSON().Parameters;

test('the web function runs Node 24, and its timeout is that of the longest stream', () => {
  expect(properties(webFunction, 'AWS::Lambda::WebFunctionRevision').BuildConfig).toMatchObject({
    RuntimeConfig: { Runtime: 'nodejs24.x' },
  });
  expect(revision()).toMatchObject({ TimeoutSeconds: 900, MaxConcurrencyPerEnvironment: 128 });
});

test('the endpoint is public, and the service requires authentication', () => {
  expect(endpoint()).toMatchObject({ AuthType: 'ApplicationManaged', EndpointType: 'HomeRegion' });
  expect(revision().EnvironmentVariables).toMatchObject({
    AUTH_ISSUER: { Ref: 'AuthIssuer' },
    AUTH_AUDIENCE: { Ref: 'AuthAudience' },
  });
  expect(revision().EnvironmentVariables).not.toHaveProperty('AUTH');
  for (const name of ['AuthIssuer', 'AuthAudience']) {
    expect(parameters()[name], name).not.toHaveProperty('Default');
  }
});

test('the parameters of settings are the same as those of the service on Fargate', () => {
  for (const name of [
    'AuthScopeClaim',
    'AuthScopePrefix',
    'CorsOrigins',
    'RateLimitPerMinute',
    'OtlpEndpoint',
  ]) {
    expect(parameters()[name], name).toEqual(parameters(service)[name]);
  }
});

test('the number of environments is limited, and they share the budget of DescribeExecution', () => {
  expect(parameters().MaxEnvironments).toMatchObject({ Default: 10, MinValue: 2, MaxValue: 60 });
  expect(endpoint().ScalingConfig).toEqual({ MaxEnvironments: { Ref: 'MaxEnvironments' } });
  const share = (member: string) => ({
    'Fn::FindInMap': ['DescribeBudgets', { Ref: 'MaxEnvironments' }, member],
  });
  expect(revision().EnvironmentVariables).toMatchObject({
    DESCRIBE_RATE: share('rate'),
    DESCRIBE_BURST: share('burst'),
  });
});

test('the web function has the policy of the workflow stack, and may write its two logs', () => {
  const roleId = revision().ExecutionRoleArn['Fn::GetAtt'][0];
  const role = webFunction.toJSON().Resources[roleId].Properties;
  const policyId = logicalId(workflow, 'AWS::IAM::ManagedPolicy');
  expect(role.ManagedPolicyArns).toEqual([
    { 'Fn::ImportValue': expect.stringContaining(policyId) },
  ]);
  const { PolicyDocument } = properties(webFunction, 'AWS::IAM::Policy', {
    Roles: [{ Ref: roleId }],
  });
  const logsOf = (LogGroupName: string) => ({
    'Fn::GetAtt': [logicalId(webFunction, 'AWS::Logs::LogGroup', { LogGroupName }), 'Arn'],
  });
  const name = '/aws/lambda/web/user-onboarding-service';
  expect(PolicyDocument.Statement).toEqual([
    {
      Effect: 'Allow',
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: expect.arrayContaining([logsOf(name), logsOf(`${name}.local`)]),
    },
  ]);
});

test('logs are kept for 30 days, and deleted with the stack', () => {
  const groups = Object.values(webFunction.findResources('AWS::Logs::LogGroup'));
  expect(groups).toHaveLength(3);
  for (const group of groups) {
    expect(group).toMatchObject({ DeletionPolicy: 'Delete', Properties: { RetentionInDays: 30 } });
  }
});

test('the name of the web function contains the Region, as it must be unique in the account', () => {
  const nameIn = (template: Template) =>
    readable(properties(template, 'AWS::Lambda::WebFunction').FunctionName);
  expect(nameIn(webFunction)).toBe('user-onboarding-service-<AWS::Region>');
  expect(nameIn(templates({ stage: 'staging' }).webFunction)).toBe(
    'staging-user-onboarding-service-<AWS::Region>',
  );
});

test('the revision and the endpoint have the name of the web function, never its ARN', () => {
  const { FunctionName } = properties(webFunction, 'AWS::Lambda::WebFunction');
  expect(properties(webFunction, 'AWS::Lambda::WebFunctionRevision')).toMatchObject({
    FunctionName,
  });
  expect(endpoint()).toMatchObject({ FunctionName });
  const [id] = Object.keys(webFunction.findResources('AWS::Lambda::WebFunction'));
  for (const type of ['AWS::Lambda::WebFunctionRevision', 'AWS::Lambda::WebFunctionEndpoint']) {
    const [dependent] = Object.values(webFunction.findResources(type));
    expect(dependent?.DependsOn, type).toContain(id);
  }
});

test('the environment of the web function has valid settings', () => {
  expect(webFunctionSettings(webFunction)).toMatchObject({
    host: '0.0.0.0',
    port: 3000,
    metrics: 'off',
    authentication: { issuer: 'https://issuer.example.com' },
  });
  // src/tracing reads those of OpenTelemetry, and packages read NODE_ENV.
  const given = Object.keys(revision().EnvironmentVariables).filter(
    (name) => !/^OTEL_|^NODE_ENV$/.test(name),
  );
  expect(Object.keys(environmentSchema.shape)).toEqual(expect.arrayContaining(given));
});

test('variables of empty parameters are left out, since Lambda refuses empty values', () => {
  expect(Object.values(webFunctionEnvironment(webFunction))).not.toContain('');
  expect(revision().EnvironmentVariables.CORS_ORIGINS).toEqual({
    'Fn::If': ['HasCORSORIGINS', { Ref: 'CorsOrigins' }, { Ref: 'AWS::NoValue' }],
  });
});

test('Lambda closes connections, not the service, which stops within the second that Lambda leaves it', () => {
  const { KEEP_ALIVE_SECONDS, SHUTDOWN_GRACE_SECONDS } = webFunctionEnvironment(webFunction);
  expect(Number(KEEP_ALIVE_SECONDS)).toBeGreaterThan(revision().TimeoutSeconds);
  expect(Number(SHUTDOWN_GRACE_SECONDS)).toBeLessThan(1);
});

test('the log groups, and the permission to write to them, exist before the web function', () => {
  const [created] = Object.values(webFunction.findResources('AWS::Lambda::WebFunctionRevision'));
  const logGroups = ['', '.local'].map((suffix) =>
    logicalId(webFunction, 'AWS::Logs::LogGroup', {
      LogGroupName: `/aws/lambda/web/user-onboarding-service${suffix}`,
    }),
  );
  const { ExecutionRoleArn } = revision();
  const policy = logicalId(webFunction, 'AWS::IAM::Policy', {
    Roles: [{ Ref: ExecutionRoleArn['Fn::GetAtt'][0] }],
  });
  expect(created?.DependsOn).toEqual(expect.arrayContaining([...logGroups, policy]));
});

test('there are alarms for 5xx of Lambda and of the service, and for failed starts', () => {
  const alarm = (some: object) => properties(webFunction, 'AWS::CloudWatch::Alarm', some);
  expect(
    readable(alarm({ AlarmName: 'user-onboarding-web-function-ServerErrors' }).Metrics),
  ).toMatchObject([
    {
      Expression: `SELECT SUM(HTTPResponseStatusClass5XX) FROM "AWS/Lambda/Web" WHERE FunctionName = 'user-onboarding-service-<AWS::Region>'`,
    },
  ]);
  const { FilterPattern, MetricTransformations } = properties(
    webFunction,
    'AWS::Logs::MetricFilter',
  );
  expect(FilterPattern).toBe(
    '{ ($.type = "platform.initReport") && ($.record.status != "success") }',
  );
  const [{ MetricName, MetricNamespace }] = MetricTransformations;
  expect(alarm({ MetricName })).toMatchObject({ Namespace: MetricNamespace, Threshold: 1 });
});
