import { CfnParameter, type Stack } from 'aws-cdk-lib';
import { mostTasks } from './describe-budget.ts';

export type ServiceParameters = ReturnType<typeof serviceParameters>;

/**
 * What differs between deployments of the service. CloudFormation keeps the values, so a later
 * deployment need not repeat them. An empty setting means the service's own default.
 */
export function serviceParameters(stack: Stack) {
  const text = (id: string, description: string, allowedPattern: string) =>
    new CfnParameter(stack, id, { description, allowedPattern }).valueAsString;
  const optional = (id: string, description: string, allowedPattern = '.*') =>
    new CfnParameter(stack, id, {
      description,
      default: '',
      allowedPattern: `^$|^(${allowedPattern})$`,
    }).valueAsString;
  const number = (id: string, description: string, limits: object) =>
    new CfnParameter(stack, id, { type: 'Number', description, ...limits }).valueAsNumber;
  return {
    certificateArn: text(
      'CertificateArn',
      "The ACM certificate of the service's domain, in this Region",
      '^arn:[^:]+:acm:[^:]+:\\d{12}:certificate/.+$',
    ),
    authIssuer: text(
      'AuthIssuer',
      "The issuer of callers' access tokens, an https URL",
      '^https://.+$',
    ),
    authAudience: text(
      'AuthAudience',
      "The audience of callers' access tokens; for Amazon Cognito, the app client's id",
      '^.+$',
    ),
    authScopeClaim: optional('AuthScopeClaim', 'AUTH_SCOPE_CLAIM: the claim that has the scopes'),
    authScopePrefix: optional('AuthScopePrefix', 'AUTH_SCOPE_PREFIX: what precedes scopes'),
    corsOrigins: optional('CorsOrigins', 'CORS_ORIGINS: origins whose pages may call'),
    rateLimitPerMinute: optional(
      'RateLimitPerMinute',
      'RATE_LIMIT_PER_MINUTE: requests that one caller may make in a minute of each task',
      '\\d+',
    ),
    otlpEndpoint: optional(
      'OtlpEndpoint',
      'OTEL_EXPORTER_OTLP_ENDPOINT: where tasks send traces by OTLP over HTTP; empty for no traces',
      'https?://.+',
    ),
    metricsSecurityGroup: optional(
      'MetricsSecurityGroup',
      'The security group of a Prometheus in the VPC, which may then reach /metrics of each task',
      'sg-[0-9a-f]+',
    ),
    slowSeconds: number('SlowSeconds', 'A response that takes longer is slow, for the alarm', {
      default: 10,
      minValue: 0.001,
    }),
    // Pairs that Fargate does not offer, such as 256 with 8192, fail the deployment.
    taskCpu: number('TaskCpu', 'CPU units of a task; 1024 are a vCPU', {
      default: 512,
      allowedValues: ['256', '512', '1024', '2048', '4096'],
    }),
    taskMemory: number('TaskMemory', 'Memory of a task in MiB', {
      default: 1024,
      allowedValues: ['512', '1024', '2048', '3072', '4096', '8192'],
    }),
    minTasks: number('MinTasks', 'The fewest tasks; two or more outlive an Availability Zone', {
      default: 2,
      minValue: 1,
    }),
    maxTasks: number('MaxTasks', 'The most tasks', {
      default: 10,
      minValue: 1,
      maxValue: mostTasks,
    }),
    accessLogsBucket: optional(
      'AccessLogsBucket',
      'A bucket for the access logs of the load balancer, in this Region; paths hold execution ARNs, and these user ids',
    ),
    deletionProtection: new CfnParameter(stack, 'DeletionProtection', {
      description: 'Whether the load balancer can only be deleted once this is false',
      default: 'false',
      allowedValues: ['true', 'false'],
    }).valueAsString,
    webAclArn: optional(
      'WebAclArn',
      'A regional AWS WAF web ACL for the load balancer',
      'arn:[^:]+:wafv2:.+',
    ),
  };
}
