import { Duration, type Stack } from 'aws-cdk-lib';
import { CfnSecurityGroupIngress } from 'aws-cdk-lib/aws-ec2';
import type { CloudMapOptions, Cluster, FargateService } from 'aws-cdk-lib/aws-ecs';
import { DnsRecordType } from 'aws-cdk-lib/aws-servicediscovery';
import { isSet } from '../stack-parameters.ts';
import { nameInStage } from '../stage.ts';
import { port } from './service-task.ts';

/**
 * Creates a name in the private DNS of the VPC that resolves to the addresses of all tasks, so that
 * Prometheus can scrape each of them. Through the load balancer, a scrape would reach only one.
 */
export function metricsDiscovery(cluster: Cluster): CloudMapOptions {
  cluster.addDefaultCloudMapNamespace({
    name: `${nameInStage(cluster, 'user-onboarding')}.internal`,
  });
  return { name: 'tasks', dnsRecordType: DnsRecordType.A, dnsTtl: Duration.seconds(15) };
}

/** Lets a security group reach the tasks, unless the parameter is empty. */
export function scraperAccess(stack: Stack, service: FargateService, securityGroup: string): void {
  const [tasks] = service.connections.securityGroups;
  if (tasks === undefined) throw new TypeError('The tasks have no security group.');
  const ingress = new CfnSecurityGroupIngress(stack, 'MetricsScraper', {
    groupId: tasks.securityGroupId,
    sourceSecurityGroupId: securityGroup,
    ipProtocol: 'tcp',
    fromPort: port,
    toPort: port,
    description: 'Prometheus',
  });
  ingress.cfnOptions.condition = isSet(stack, 'HasMetricsScraper', securityGroup);
}
