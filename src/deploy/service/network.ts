import type { Stack } from 'aws-cdk-lib';
import {
  FlowLogDestination,
  FlowLogTrafficType,
  IpAddresses,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { logGroup } from '../log-group.ts';
import { nameInStage } from '../stage.ts';

/**
 * Creates a VPC with public subnets only. Tasks have public addresses for outbound calls, and accept
 * connections only from the load balancer. Private subnets would need NAT gateways or an interface
 * endpoint for each AWS service, which cost more than the tasks.
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
