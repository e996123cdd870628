import { CfnCondition, Duration, Fn, type Stack } from 'aws-cdk-lib';
import { CfnSecurityGroupIngress } from 'aws-cdk-lib/aws-ec2';
import type { CloudMapOptions, Cluster, FargateService } from 'aws-cdk-lib/aws-ecs';
import { DnsRecordType } from 'aws-cdk-lib/aws-servicediscovery';
import { port } from './service-task.ts';
import { nameInStage } from './stage.ts';

/**
 * A name in the VPC's DNS with an address for each task, so that Prometheus finds them all: by the
 * load balancer, a scrape reaches any one of them.
 */
export function metricsDiscovery(cluster: Cluster): CloudMapOptions {
  cluster.addDefaultCloudMapNamespace({
    name: `${nameInStage(cluster, 'user-onboarding')}.internal`,
  });
  return { name: 'tasks', dnsRecordType: DnsRecordType.A, dnsTtl: Duration.seconds(15) };
}

/** Lets a scraper's security group reach the tasks, where there is one. */
export function scraperAccess(stack: Stack, service: FargateService, securityGroup: string): void {
  const [ofTasks] = service.connections.securityGroups;
  if (ofTasks === undefined) throw new TypeError('The tasks have no security group.');
  const ingress = new CfnSecurityGroupIngress(stack, 'MetricsScraper', {
    groupId: ofTasks.securityGroupId,
    sourceSecurityGroupId: securityGroup,
    ipProtocol: 'tcp',
    fromPort: port,
    toPort: port,
    description: 'Prometheus',
  });
  ingress.cfnOptions.condition = new CfnCondition(stack, 'HasMetricsScraper', {
    expression: Fn.conditionNot(Fn.conditionEquals(securityGroup, '')),
  });
}
