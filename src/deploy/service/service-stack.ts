import { type App, Duration, Stack, Validations } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Cluster } from 'aws-cdk-lib/aws-ecs';
import { ApplicationLoadBalancedFargateService } from 'aws-cdk-lib/aws-ecs-patterns';
import { ApplicationProtocol, SslPolicy } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { monitorService } from '../alarms/service-alarms.ts';
import { nameInStage } from '../stage.ts';
import type { workflowStack } from '../workflow/workflow-stack.ts';
import { publicLoadBalancer } from './load-balancer.ts';
import { metricsDiscovery, scraperAccess } from './metrics-discovery.ts';
import { network } from './network.ts';
import { serviceParameters } from './service-parameters.ts';
import { logGroupName, serviceTask } from './service-task.ts';

/** Longer than the longest sync execution, 300 s, so that its connection is still open. */
const longestResponse = Duration.seconds(330);

/**
 * Creates the service on Fargate behind a load balancer. The load balancer accepts HTTPS only:
 * requests contain personal data and tokens, and a redirect from plain HTTP would come after they
 * have been sent. All state is in Step Functions and DynamoDB, so any number of tasks can run.
 */
export function serviceStack(app: App, workflow: ReturnType<typeof workflowStack>): Stack {
  const stack = new Stack(app, 'user-onboarding-service', {
    stackName: nameInStage(app, 'user-onboarding-service'),
    description: 'The user onboarding service on Fargate',
    terminationProtection: true,
  });
  const parameters = serviceParameters(stack);
  const vpc = network(stack);
  const cluster = new Cluster(stack, 'Cluster', { vpc });
  const { service, targetGroup, loadBalancer } = new ApplicationLoadBalancedFargateService(
    stack,
    'Service',
    {
      cluster,
      loadBalancer: publicLoadBalancer(stack, vpc, longestResponse, parameters),
      protocol: ApplicationProtocol.HTTPS,
      sslPolicy: SslPolicy.RECOMMENDED_TLS,
      certificate: Certificate.fromCertificateArn(stack, 'Certificate', parameters.certificateArn),
      taskDefinition: serviceTask(stack, workflow, parameters, {
        cidr: vpc.vpcCidrBlock,
        idleTimeout: longestResponse,
      }),
      cloudMapOptions: metricsDiscovery(cluster),
      assignPublicIp: true,
      minHealthyPercent: 100,
      circuitBreaker: { rollback: true },
    },
  );
  // Liveness, not readiness: during an outage of Step Functions no task is ready, and ECS would
  // replace them all, with the sync executions in flight. The readiness check of each task gates
  // deployments.
  targetGroup.configureHealthCheck({ path: '/health/live', interval: Duration.seconds(15) });
  targetGroup.setAttribute(
    'deregistration_delay.timeout_seconds',
    String(longestResponse.toSeconds()),
  );
  service
    .autoScaleTaskCount({ minCapacity: parameters.minTasks, maxCapacity: parameters.maxTasks })
    .scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 60 });
  scraperAccess(stack, service, parameters.metricsSecurityGroup);
  monitorService(
    { service, loadBalancer, targetGroup },
    { slowSeconds: parameters.slowSeconds, logGroupName: logGroupName(stack) },
  );

  Validations.of(cluster).acknowledge({
    id: 'AwsSolutions-ECS4',
    reason: 'Container Insights is priced by metric. The service has its own metrics at /metrics.',
  });
  return stack;
}
