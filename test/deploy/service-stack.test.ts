import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, expect, test } from 'vitest';
import { environmentSchema, readSettings } from '../../src/settings.ts';
import { readTracingSettings } from '../../src/tracing/tracing-settings.ts';
import { logicalId, outputFolder, properties, templates } from './template.ts';

outputFolder();
let workflow: Template;
let service: Template;
beforeAll(() => {
  ({ workflow, service } = templates());
}, 120_000);

type Attribute = { Key: string; Value: unknown } | { 'Fn::If': unknown[] };
/** The unconditional attributes. */
const attributes = (list: Attribute[]) =>
  Object.fromEntries(list.flatMap((each) => ('Key' in each ? [[each.Key, each.Value]] : [])));
const loadBalancerAttributes = (): Attribute[] =>
  properties(service, 'AWS::ElasticLoadBalancingV2::LoadBalancer').LoadBalancerAttributes;
const parameters = () => service.toJSON().Parameters;
const containerNamed = (name: string) => {
  const { ContainerDefinitions } = properties(service, 'AWS::ECS::TaskDefinition');
  return ContainerDefinitions.find(({ Name }: { Name: string }) => Name === name);
};
const container = () => containerNamed('Service');
const environment = () =>
  Object.fromEntries(
    container().Environment.map(({ Name, Value }: { Name: string; Value: unknown }) => [
      Name,
      Value,
    ]),
  );

test('the load balancer is public, and accepts only HTTPS', () => {
  expect(properties(service, 'AWS::ElasticLoadBalancingV2::LoadBalancer').Scheme).toBe(
    'internet-facing',
  );
  expect(properties(service, 'AWS::ElasticLoadBalancingV2::Listener')).toMatchObject({
    Port: 443,
    Protocol: 'HTTPS',
    Certificates: [{ CertificateArn: { Ref: 'CertificateArn' } }],
    SslPolicy: expect.stringContaining('TLS13'),
  });
});

test('the service accepts requests only from the load balancer', () => {
  const ingress = Object.values(service.findResources('AWS::EC2::SecurityGroupIngress'));
  const unconditional = ingress.filter(({ Condition }) => Condition === undefined);
  expect(unconditional.map(({ Properties }) => Properties)).toMatchObject([
    {
      FromPort: 3000,
      ToPort: 3000,
      SourceSecurityGroupId: { 'Fn::GetAtt': [expect.stringMatching(/^LoadBalancer/), 'GroupId'] },
    },
  ]);
});

test('connections last longer than the longest sync execution, even when a task is replaced', () => {
  const idle = attributes(loadBalancerAttributes())['idle_timeout.timeout_seconds'];
  expect(Number(idle)).toBeGreaterThan(300);
  const targets = properties(service, 'AWS::ElasticLoadBalancingV2::TargetGroup');
  const drain = attributes(targets.TargetGroupAttributes)['deregistration_delay.timeout_seconds'];
  expect(Number(drain)).toBeGreaterThan(300);
  expect(Number(environment().KEEP_ALIVE_SECONDS)).toBeGreaterThan(Number(idle));
});

test('a running task is replaced only if it is not live', () => {
  expect(properties(service, 'AWS::ElasticLoadBalancingV2::TargetGroup').HealthCheckPath).toBe(
    '/health/live',
  );
  expect(container()).not.toHaveProperty('HealthCheck');
});

test('the service starts after a container with the same image and settings has checked readiness', () => {
  const check = containerNamed('ReadinessCheck');
  expect(check).toMatchObject({
    Essential: false,
    Command: ['node', 'src/check-readiness.ts'],
    Image: container().Image,
    Environment: container().Environment,
  });
  expect(container()).toMatchObject({
    Essential: true,
    DependsOn: [{ ContainerName: 'ReadinessCheck', Condition: 'SUCCESS' }],
  });
});

test('the service has time to finish its requests before it is killed', () => {
  expect(Number(environment().SHUTDOWN_GRACE_SECONDS)).toBeLessThan(container().StopTimeout);
});

test('the service requires authentication, and trusts the load balancer for the addresses of callers', () => {
  expect(environment()).toMatchObject({
    HOST: '0.0.0.0',
    AUTH_ISSUER: { Ref: 'AuthIssuer' },
    AUTH_AUDIENCE: { Ref: 'AuthAudience' },
    TRUST_PROXY: { 'Fn::GetAtt': [logicalId(service, 'AWS::EC2::VPC'), 'CidrBlock'] },
  });
  expect(environment()).not.toHaveProperty('AUTH');
  for (const name of ['CertificateArn', 'AuthIssuer', 'AuthAudience']) {
    expect(parameters()[name], name).not.toHaveProperty('Default');
  }
});

test('the service has only the policy of the workflow stack', () => {
  const roleId = properties(service, 'AWS::ECS::TaskDefinition').TaskRoleArn['Fn::GetAtt'][0];
  const role = service.toJSON().Resources[roleId].Properties;
  const policyId = logicalId(workflow, 'AWS::IAM::ManagedPolicy');
  expect(role.ManagedPolicyArns).toEqual([
    { 'Fn::ImportValue': expect.stringContaining(policyId) },
  ]);
  expect(role).not.toHaveProperty('Policies');
  const inline = service.findResources('AWS::IAM::Policy', {
    Properties: { Roles: [{ Ref: roleId }] },
  });
  expect(inline).toEqual({});
});

test('the service runs as at least two tasks; parameters set their number and size', () => {
  expect(properties(service, 'AWS::ApplicationAutoScaling::ScalableTarget')).toMatchObject({
    MinCapacity: { Ref: 'MinTasks' },
    MaxCapacity: { Ref: 'MaxTasks' },
  });
  expect(properties(service, 'AWS::ECS::Service')).not.toHaveProperty('DesiredCount');
  expect(properties(service, 'AWS::ECS::TaskDefinition')).toMatchObject({
    Cpu: { Ref: 'TaskCpu' },
    Memory: { Ref: 'TaskMemory' },
  });
  expect(parameters()).toMatchObject({
    MinTasks: { Default: 2 },
    MaxTasks: { Default: 10 },
    TaskCpu: { Default: '512', AllowedValues: expect.arrayContaining(['512']) },
    TaskMemory: { Default: '1024', AllowedValues: expect.arrayContaining(['1024']) },
  });
});

test.each(['Service', 'ReadinessCheck'])(
  'the container %s runs as a user other than root, with a read-only file system',
  (name) => {
    expect(containerNamed(name)).toMatchObject({ User: 'node', ReadonlyRootFilesystem: true });
  },
);

test('the service has a memory limit', () => {
  expect(container().Memory).toEqual({ Ref: 'TaskMemory' });
});

test.each([
  ['CORS_ORIGINS', 'CorsOrigins', 'https://app.example.com'],
  ['AUTH_SCOPE_CLAIM', 'AuthScopeClaim', 'permissions'],
  ['AUTH_SCOPE_PREFIX', 'AuthScopePrefix', 'https://api.example.com/'],
  ['RATE_LIMIT_PER_MINUTE', 'RateLimitPerMinute', '600'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OtlpEndpoint', 'http://collector.example.com:4318'],
])('%s comes from the parameter %s, which is empty by default', (variable, id, example) => {
  expect(environment()[variable]).toEqual({ Ref: id });
  expect(parameters()[id].Default).toBe('');
  const allowed = new RegExp(parameters()[id].AllowedPattern);
  expect('').toMatch(allowed);
  expect(example).toMatch(allowed);
});

test('access logs are written if the parameter AccessLogsBucket is set', () => {
  expect(parameters().AccessLogsBucket.Default).toBe('');
  expect(service.toJSON().Conditions.HasAccessLogs).toEqual({
    'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'AccessLogsBucket' }, ''] }],
  });
  expect(attributes(loadBalancerAttributes())['access_logs.s3.enabled']).toEqual({
    'Fn::If': ['HasAccessLogs', 'true', 'false'],
  });
  expect(loadBalancerAttributes()).toContainEqual({
    'Fn::If': [
      'HasAccessLogs',
      { Key: 'access_logs.s3.bucket', Value: { Ref: 'AccessLogsBucket' } },
      { Ref: 'AWS::NoValue' },
    ],
  });
});

test('the load balancer drops malformed headers, and has optional deletion protection', () => {
  expect(attributes(loadBalancerAttributes())).toMatchObject({
    'routing.http.drop_invalid_header_fields.enabled': 'true',
    'deletion_protection.enabled': { Ref: 'DeletionProtection' },
  });
  expect(parameters().DeletionProtection.Default).toBe('false');
});

test('a web ACL is associated if the parameter WebAclArn is set', () => {
  const [association] = Object.values(service.findResources('AWS::WAFv2::WebACLAssociation'));
  expect(association).toMatchObject({
    Condition: 'HasWebAcl',
    Properties: { WebACLArn: { Ref: 'WebAclArn' } },
  });
  expect(parameters().WebAclArn.Default).toBe('');
});

test('there is no NAT gateway: tasks have public addresses, in the public subnets of two zones', () => {
  service.resourceCountIs('AWS::EC2::NatGateway', 0);
  service.resourceCountIs('AWS::EC2::Subnet', 2);
  service.allResourcesProperties('AWS::EC2::Subnet', { MapPublicIpOnLaunch: true });
  expect(properties(service, 'AWS::ECS::Service').NetworkConfiguration).toMatchObject({
    AwsvpcConfiguration: { AssignPublicIp: 'ENABLED' },
  });
});

test('the environment of the task has valid settings', () => {
  const arn = 'arn:aws:states:us-east-1:123456789012:stateMachine:user-onboarding';
  const { DescribeBudgets } = service.toJSON().Mappings;
  const withDefaults = Object.entries(environment()).map(([name, value]) => {
    const [, , member] = Object(value)['Fn::FindInMap'] ?? [];
    const budget = DescribeBudgets[parameters().MaxTasks.Default][member];
    return [name, budget ?? parameters()[Object(value).Ref]?.Default ?? value];
  });
  const settings = readSettings({
    ...Object.fromEntries(withDefaults),
    STEP_FUNCTIONS_WORKFLOW_ARN: arn,
    STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS: `${arn}-express`,
    STATUS_TABLE: 'user-onboarding-statuses',
    AUTH_ISSUER: 'https://issuer.example.com',
    AUTH_AUDIENCE: 'onboarding',
    TRUST_PROXY: properties(service, 'AWS::EC2::VPC').CidrBlock,
  });
  expect(settings).toMatchObject({ host: '0.0.0.0', trustedProxies: ['10.0.0.0/16'] });
  // src/tracing reads those of OpenTelemetry.
  const given = Object.keys(environment()).filter((name) => !name.startsWith('OTEL_'));
  expect(Object.keys(environmentSchema.shape)).toEqual(expect.arrayContaining(given));
  expect(readTracingSettings(Object.fromEntries(withDefaults))).toBeUndefined();
});

test('the service reads the status table of the workflow', () => {
  const id = logicalId(workflow, 'AWS::DynamoDB::Table');
  expect(environment().STATUS_TABLE).toEqual({
    'Fn::ImportValue': expect.stringContaining(`Ref${id}`),
  });
});

test('the service has the ARN of each state machine', () => {
  const { Environment } = container();
  for (const [variable, StateMachineName] of [
    ['STEP_FUNCTIONS_WORKFLOW_ARN', 'user-onboarding'],
    ['STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS', 'user-onboarding-express'],
  ]) {
    const id = logicalId(workflow, 'AWS::StepFunctions::StateMachine', { StateMachineName });
    expect(Environment).toContainEqual({
      Name: variable,
      Value: { 'Fn::ImportValue': expect.stringContaining(`Ref${id}`) },
    });
  }
});

test('a failed deployment is rolled back, and never reduces the number of healthy tasks', () => {
  expect(properties(service, 'AWS::ECS::Service').DeploymentConfiguration).toMatchObject({
    MinimumHealthyPercent: 100,
    DeploymentCircuitBreaker: { Enable: true, Rollback: true },
  });
});

test('AuthIssuer must be an https URL, and AuthAudience must not be empty', () => {
  const { AuthIssuer, AuthAudience } = parameters();
  expect('https://issuer.example.com').toMatch(new RegExp(AuthIssuer.AllowedPattern));
  expect('http://issuer.example.com').not.toMatch(new RegExp(AuthIssuer.AllowedPattern));
  expect('').not.toMatch(new RegExp(AuthAudience.AllowedPattern));
});
