import { type App, CfnParameter, Duration, Stack, Validations } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  FlowLogDestination,
  FlowLogTrafficType,
  IpAddresses,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { Cluster } from 'aws-cdk-lib/aws-ecs';
import { ApplicationLoadBalancedFargateService } from 'aws-cdk-lib/aws-ecs-patterns';
import {
  ApplicationLoadBalancer,
  ApplicationProtocol,
  SslPolicy,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { logGroup } from './log-group.ts';
import { serviceTask } from './service-task.ts';
import type { workflowStack } from './workflow-stack.ts';

/** Longer than the longest sync execution, 300 s: its answer must still find a connection. */
const longestAnswer = Duration.seconds(330);

/**
 * The service on Fargate behind a load balancer that speaks HTTPS alone: requests hold personal
 * data and tokens, and who sends them to a plain port has sent them already when told to go
 * elsewhere. All state is in Step Functions, so any number of tasks may run.
 */
export function serviceStack(app: App, workflow: ReturnType<typeof workflowStack>): Stack {
  const stack = new Stack(app, 'user-onboarding-service', {
    description: 'The user onboarding service on Fargate',
  });
  const certificateArn = new CfnParameter(stack, 'CertificateArn', {
    description: "The ACM certificate of the service's domain, in this Region",
    allowedPattern: '^arn:[^:]+:acm:[^:]+:\\d{12}:certificate/.+$',
  });
  const vpc = network(stack);
  const loadBalancer = new ApplicationLoadBalancer(stack, 'LoadBalancer', {
    vpc,
    internetFacing: true,
    idleTimeout: longestAnswer,
    dropInvalidHeaderFields: true,
  });
  const cluster = new Cluster(stack, 'Cluster', { vpc });
  const { service, targetGroup } = new ApplicationLoadBalancedFargateService(stack, 'Service', {
    cluster,
    loadBalancer,
    protocol: ApplicationProtocol.HTTPS,
    sslPolicy: SslPolicy.RECOMMENDED_TLS,
    certificate: Certificate.fromCertificateArn(stack, 'Certificate', certificateArn.valueAsString),
    taskDefinition: serviceTask(stack, workflow, {
      addresses: vpc.vpcCidrBlock,
      idleTimeout: longestAnswer,
    }),
    assignPublicIp: true,
    minHealthyPercent: 100,
    circuitBreaker: { rollback: true },
  });
  targetGroup.configureHealthCheck({ path: '/health/ready', interval: Duration.seconds(15) });
  targetGroup.setAttribute(
    'deregistration_delay.timeout_seconds',
    String(longestAnswer.toSeconds()),
  );
  service
    .autoScaleTaskCount({ minCapacity: 2, maxCapacity: 10 })
    .scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 60 });

  Validations.of(cluster).acknowledge({
    id: 'AwsSolutions-ECS4',
    reason: 'Container Insights is priced by metric; the service has its own at /metrics.',
  });
  Validations.of(loadBalancer).acknowledge(
    {
      id: 'AwsSolutions-ELB2',
      reason: 'The service logs each request; paths hold user ids, so they are kept in one place.',
    },
    { id: 'AwsSolutions-EC23', reason: 'The API is public: HTTPS, and callers authenticate.' },
  );
  return stack;
}

/**
 * Public subnets and nothing else. A task has a public address for its way out, and lets nothing in
 * but the load balancer. Private subnets need NAT gateways or an interface endpoint for each AWS
 * service, which cost more than the tasks do.
 */
function network(stack: Stack): Vpc {
  const vpc = new Vpc(stack, 'Vpc', {
    ipAddresses: IpAddresses.cidr('10.0.0.0/16'),
    maxAzs: 2,
    natGateways: 0,
    subnetConfiguration: [{ name: 'Public', subnetType: SubnetType.PUBLIC }],
  });
  vpc.addFlowLog('Rejected', {
    destination: FlowLogDestination.toCloudWatchLogs(
      logGroup(stack, 'RejectedLogs', '/aws/vendedlogs/vpc/user-onboarding-service'),
    ),
    trafficType: FlowLogTrafficType.REJECT,
  });
  return vpc;
}
