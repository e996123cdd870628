import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, expect, test } from 'vitest';
import { environmentSchema, readSettings } from '../../src/settings.ts';
import { logicalId, outputFolder, properties, templates } from './template.ts';

outputFolder();
let workflow: Template;
let service: Template;
beforeAll(() => {
  ({ workflow, service } = templates());
}, 120_000);

const attributes = (list: { Key: string; Value: string }[]) =>
  Object.fromEntries(list.map(({ Key, Value }) => [Key, Value]));
const container = () => properties(service, 'AWS::ECS::TaskDefinition').ContainerDefinitions[0];
const environment = () =>
  Object.fromEntries(
    container().Environment.map(({ Name, Value }: { Name: string; Value: unknown }) => [
      Name,
      Value,
    ]),
  );

test('the service is reached by HTTPS alone', () => {
  expect(properties(service, 'AWS::ElasticLoadBalancingV2::Listener')).toMatchObject({
    Port: 443,
    Protocol: 'HTTPS',
    Certificates: [{ CertificateArn: { Ref: 'CertificateArn' } }],
    SslPolicy: expect.stringContaining('TLS13'),
  });
});

test('the service takes requests from the load balancer alone', () => {
  expect(properties(service, 'AWS::EC2::SecurityGroupIngress')).toMatchObject({
    FromPort: 3000,
    ToPort: 3000,
    SourceSecurityGroupId: { 'Fn::GetAtt': [expect.stringMatching(/^LoadBalancer/), 'GroupId'] },
  });
});

test('the service keeps a connection for longer than the longest sync execution, also when it is replaced', () => {
  const loadBalancer = properties(service, 'AWS::ElasticLoadBalancingV2::LoadBalancer');
  const idle = attributes(loadBalancer.LoadBalancerAttributes)['idle_timeout.timeout_seconds'];
  expect(Number(idle)).toBeGreaterThan(300);
  const targets = properties(service, 'AWS::ElasticLoadBalancingV2::TargetGroup');
  expect(targets.HealthCheckPath).toBe('/health/ready');
  const drain = attributes(targets.TargetGroupAttributes)['deregistration_delay.timeout_seconds'];
  expect(Number(drain)).toBeGreaterThan(300);
  expect(Number(environment().KEEP_ALIVE_SECONDS)).toBeGreaterThan(Number(idle));
});

test('the service may finish its requests before it is killed', () => {
  expect(Number(environment().SHUTDOWN_GRACE_SECONDS)).toBeLessThan(container().StopTimeout);
});

test('the service authenticates its callers, whom the load balancer names', () => {
  expect(environment()).toMatchObject({
    HOST: '0.0.0.0',
    AUTH_ISSUER: { Ref: 'AuthIssuer' },
    AUTH_AUDIENCE: { Ref: 'AuthAudience' },
    TRUST_PROXY: { 'Fn::GetAtt': [logicalId(service, 'AWS::EC2::VPC'), 'CidrBlock'] },
  });
  expect(environment()).not.toHaveProperty('AUTH');
  for (const name of ['CertificateArn', 'AuthIssuer', 'AuthAudience']) {
    expect(service.toJSON().Parameters[name], name).not.toHaveProperty('Default');
  }
});

test('the service has the policy of the workflow and no other', () => {
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

test('the service runs as two tasks or more, on a read-only file system', () => {
  expect(properties(service, 'AWS::ApplicationAutoScaling::ScalableTarget')).toMatchObject({
    MinCapacity: 2,
    MaxCapacity: 10,
  });
  expect(properties(service, 'AWS::ECS::Service')).not.toHaveProperty('DesiredCount');
  expect(container().ReadonlyRootFilesystem).toBe(true);
});

test('the service needs no NAT gateway', () => {
  service.resourceCountIs('AWS::EC2::NatGateway', 0);
});

test('the service understands the settings that its task gives it', () => {
  const arn = 'arn:aws:states:us-east-1:123456789012:stateMachine:user-onboarding';
  const settings = readSettings({
    ...environment(),
    STEP_FUNCTIONS_WORKFLOW_ARN: arn,
    STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS: `${arn}-express`,
    AUTH_ISSUER: 'https://issuer.example.com',
    AUTH_AUDIENCE: 'onboarding',
    TRUST_PROXY: properties(service, 'AWS::EC2::VPC').CidrBlock,
  });
  expect(settings).toMatchObject({ host: '0.0.0.0', trustedProxies: ['10.0.0.0/16'] });
  const known = Object.keys(environmentSchema.shape);
  expect(known).toEqual(expect.arrayContaining(Object.keys(environment())));
});

test('the service has each state machine by the variable that is for it', () => {
  const { Environment } = properties(service, 'AWS::ECS::TaskDefinition').ContainerDefinitions[0];
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

test('a deployment that fails is taken back, and takes no task away before', () => {
  expect(properties(service, 'AWS::ECS::Service').DeploymentConfiguration).toMatchObject({
    MinimumHealthyPercent: 100,
    DeploymentCircuitBreaker: { Enable: true, Rollback: true },
  });
});

test('an issuer is an https URL, and an audience is not empty', () => {
  const { AuthIssuer, AuthAudience } = service.toJSON().Parameters;
  expect('https://issuer.example.com').toMatch(new RegExp(AuthIssuer.AllowedPattern));
  expect('http://issuer.example.com').not.toMatch(new RegExp(AuthIssuer.AllowedPattern));
  expect(AuthAudience.MinLength).toBe(1);
});
