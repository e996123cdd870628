import { CfnParameter, type Stack } from 'aws-cdk-lib';
import { mostProcesses } from './describe-budget.ts';
import { settingsParameters } from './service-settings.ts';
import { stackParameters } from './stack-parameters.ts';

export type ServiceParameters = ReturnType<typeof serviceParameters>;

/** The parameters of the service on Fargate. */
export function serviceParameters(stack: Stack) {
  const { text, optional, number } = stackParameters(stack);
  return {
    certificateArn: text(
      'CertificateArn',
      "The ACM certificate of the service's domain, in this Region",
      '^arn:[^:]+:acm:[^:]+:\\d{12}:certificate/.+$',
    ),
    settings: settingsParameters(stack),
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
      maxValue: mostProcesses,
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
