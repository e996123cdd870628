import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, expect, test } from 'vitest';
import { environmentSchema } from '../../src/settings.ts';
import { logicalId, outputFolder, properties, readable, templates } from './template.ts';
import { webFunctionSettings } from './web-function-settings.ts';

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

test('Lambda runs the service, and lets responses take as long as the longest stream', () => {
  expect(properties(webFunction, 'AWS::Lambda::WebFunctionRevision').BuildConfig).toMatchObject({
    RuntimeConfig: { Runtime: 'nodejs24.x' },
  });
  expect(revision()).toMatchObject({ TimeoutSeconds: 900, MaxConcurrencyPerEnvironment: 128 });
});

test('anybody can reach the endpoint, and the service authenticates callers', () => {
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

test('its settings are parameters of the same names as those of the service on Fargate', () => {
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

test('the number of environments is limited, and they share the quota of DescribeExecution', () => {
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

test('it has the policy of the workflow, and may write its two logs', () => {
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

test('its logs are kept for a month, and go with the stack', () => {
  const groups = Object.values(webFunction.findResources('AWS::Logs::LogGroup'));
  expect(groups).toHaveLength(3);
  for (const group of groups) {
    expect(group).toMatchObject({ DeletionPolicy: 'Delete', Properties: { RetentionInDays: 30 } });
  }
});

test('its name is unique in the account, over all Regions', () => {
  const nameIn = (template: Template) =>
    readable(properties(template, 'AWS::Lambda::WebFunction').FunctionName);
  expect(nameIn(webFunction)).toBe('user-onboarding-service-<AWS::Region>');
  expect(nameIn(templates({ stage: 'staging' }).webFunction)).toBe(
    'staging-user-onboarding-service-<AWS::Region>',
  );
});

test('the service understands the settings that it is given', () => {
  expect(webFunctionSettings(webFunction)).toMatchObject({
    host: '0.0.0.0',
    port: 3000,
    metrics: 'off',
    authentication: { issuer: 'https://issuer.example.com' },
  });
  // Those of OpenTelemetry are read by src/tracing, and NODE_ENV by packages.
  const given = Object.keys(revision().EnvironmentVariables).filter(
    (name) => !/^OTEL_|^NODE_ENV$/.test(name),
  );
  expect(Object.keys(environmentSchema.shape)).toEqual(expect.arrayContaining(given));
});

test('its alarms are about 5xx of Lambda and of the service, and about starts that fail', () => {
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
