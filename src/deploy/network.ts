import type { Stack } from 'aws-cdk-lib';
import {
  FlowLogDestination,
  FlowLogTrafficType,
  IpAddresses,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { logGroup } from './log-group.ts';
import { nameInStage } from './stage.ts';

/**
 * Public subnets and nothing else. A task has a public address for its way out, and lets nothing in
 * but the load balancer. Private subnets need NAT gateways or an interface endpoint for each AWS
 * service, which cost more than the tasks do.
 */
export function network(stack: Stack): Vpc {
  const vpc = new Vpc(stack, 'Vpc', {
    ipAddresses: IpAddresses.cidr('10.0.0.0/16'),
    maxAzs: 2,
    natGateways: 0,
    subnetConfiguration: [{ name: 'Public', subnetType: SubnetType.PUBLIC }],
  });
  const logs = `/aws/vendedlogs/vpc/${nameInStage(stack, 'user-onboarding-service')}`;
  vpc.addFlowLog('Rejected', {
    destination: FlowLogDestination.toCloudWatchLogs(logGroup(stack, 'RejectedLogs', logs)),
    trafficType: FlowLogTrafficType.REJECT,
  });
  return vpc;
}
