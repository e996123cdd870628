import { CfnParameter, type Stack } from 'aws-cdk-lib';
import { maxProcessCount } from '../describe-budget.ts';
import { settingsParameters } from '../service-settings.ts';
import { stackParameters } from '../stack-parameters.ts';

export type ServiceParameters = ReturnType<typeof serviceParameters>;

/** Creates the parameters of the service on Fargate. */
export function serviceParameters(stack: Stack) {
  const { text, optional, number } = stackParameters(stack);
  return {
    certificateArn: text(
      'CertificateArn',
      'The ACM certificate for the domain of the service, in this Region',
      '^arn:[^:]+:acm:[^:]+:\\d{12}:certificate/.+$',
    ),
    settings: settingsParameters(stack),
    metricsSecurityGroup: optional(
      'MetricsSecurityGroup',
      'The security group of a Prometheus server in the VPC that may scrape /metrics of each task',
      'sg-[0-9a-f]+',
    ),
    slowSeconds: number(
      'SlowSeconds',
      'The response time from which the alarm SlowResponses fires',
      {
        default: 10,
        minValue: 0.001,
      },
    ),
    // Combinations that Fargate does not offer, such as 256 with 8192, fail the deployment.
    taskCpu: number('TaskCpu', 'CPU units of a task; 1024 units are 1 vCPU', {
      default: '512',
      allowedValues: ['256', '512', '1024', '2048', '4096'],
    }),
    taskMemory: number('TaskMemory', 'Memory of a task in MiB', {
      default: '1024',
      allowedValues: ['512', '1024', '2048', '3072', '4096', '8192'],
    }),
    minTasks: number('MinTasks', 'Minimum of tasks; two or more survive the loss of a zone', {
      default: 2,
      minValue: 1,
    }),
    maxTasks: number('MaxTasks', 'Maximum of tasks', {
      default: 10,
      minValue: 1,
      maxValue: maxProcessCount,
    }),
    accessLogsBucket: optional(
      'AccessLogsBucket',
      'A bucket in this Region for the access logs of the load balancer. Paths contain execution ARNs, which contain user ids',
    ),
    deletionProtection: new CfnParameter(stack, 'DeletionProtection', {
      description: 'Whether the load balancer is protected against deletion',
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
