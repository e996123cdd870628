import { Aws, type Duration, Fn, type Stack, Validations } from 'aws-cdk-lib';
import type { Vpc } from 'aws-cdk-lib/aws-ec2';
import { ApplicationLoadBalancer, CfnLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { isSet } from '../stack-parameters.ts';
import type { ServiceParameters } from './service-parameters.ts';

/**
 * Creates the load balancer. Access logs, deletion protection and a web ACL are off unless a
 * parameter turns them on.
 */
export function publicLoadBalancer(
  stack: Stack,
  vpc: Vpc,
  idleTimeout: Duration,
  { accessLogsBucket, deletionProtection, webAclArn }: ServiceParameters,
): ApplicationLoadBalancer {
  const loadBalancer = new ApplicationLoadBalancer(stack, 'LoadBalancer', {
    vpc,
    internetFacing: true,
  });
  const hasAccessLogs = isSet(stack, 'HasAccessLogs', accessLogsBucket).logicalId;

  // Set all attributes here, because ApplicationLoadBalancer does not support conditional ones.
  const { defaultChild } = loadBalancer.node;
  if (!(defaultChild instanceof CfnLoadBalancer)) throw new TypeError('Not a load balancer.');
  defaultChild.loadBalancerAttributes = [
    { key: 'idle_timeout.timeout_seconds', value: String(idleTimeout.toSeconds()) },
    { key: 'routing.http.drop_invalid_header_fields.enabled', value: 'true' },
    { key: 'deletion_protection.enabled', value: deletionProtection },
    {
      key: 'access_logs.s3.enabled',
      value: Fn.conditionIf(hasAccessLogs, 'true', 'false').toString(),
    },
    Fn.conditionIf(
      hasAccessLogs,
      { Key: 'access_logs.s3.bucket', Value: accessLogsBucket },
      Aws.NO_VALUE,
    ),
  ];

  const association = new CfnWebACLAssociation(stack, 'WebAcl', {
    resourceArn: loadBalancer.loadBalancerArn,
    webAclArn,
  });
  association.cfnOptions.condition = isSet(stack, 'HasWebAcl', webAclArn);
  Validations.of(stack).acknowledge({
    id: 'CloudFormation-Validate::W1030',
    reason: 'If the parameter is empty, a condition omits the resource.',
  });
  Validations.of(loadBalancer).acknowledge(
    {
      id: 'AwsSolutions-ELB2',
      reason: 'A parameter turns on access logs. The service itself logs every request.',
    },
    { id: 'AwsSolutions-EC23', reason: 'The API is public, with HTTPS and authentication.' },
  );
  return loadBalancer;
}
