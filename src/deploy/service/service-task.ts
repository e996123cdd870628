import { Duration, IgnoreMode, type Stack, Validations } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import {
  ContainerDependencyCondition,
  ContainerImage,
  CpuArchitecture,
  FargateTaskDefinition,
  LogDrivers,
  OperatingSystemFamily,
} from 'aws-cdk-lib/aws-ecs';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { logGroup } from '../log-group.ts';
import { projectPath } from '../project-path.ts';
import { serviceEnvironment } from '../service-settings.ts';
import { nameInStage } from '../stage.ts';
import type { workflowStack } from '../workflow/workflow-stack.ts';
import type { ServiceParameters } from './service-parameters.ts';

export const port = 3000;

export const logGroupName = (stack: Stack) =>
  `/ecs/${nameInStage(stack, 'user-onboarding-service')}`;

/** Fargate's maximum time between SIGTERM and SIGKILL. */
const stopTimeoutSeconds = 120;

/** What a task needs to know about the load balancer. */
export interface LoadBalancerProperties {
  /** The CIDR range of its addresses, whose `X-Forwarded-For` is trusted. */
  readonly cidr: string;
  readonly idleTimeout: Duration;
}

/**
 * Creates the task definition of the service.
 *
 * The service container starts only after a container with the same image and settings has checked
 * readiness. So a broken deployment never takes requests: it trips the circuit breaker and is rolled
 * back. The check runs once, before the start, so a later outage of a dependency does not stop
 * running tasks.
 */
export function serviceTask(
  stack: Stack,
  workflow: ReturnType<typeof workflowStack>,
  parameters: ServiceParameters,
  { cidr, idleTimeout }: LoadBalancerProperties,
): FargateTaskDefinition {
  const task = new FargateTaskDefinition(stack, 'Task', {
    cpu: parameters.taskCpu,
    memoryLimitMiB: parameters.taskMemory,
    // The architecture of most build machines. Docker emulates it on others.
    runtimePlatform: {
      cpuArchitecture: CpuArchitecture.X86_64,
      operatingSystemFamily: OperatingSystemFamily.LINUX,
    },
    taskRole: new Role(stack, 'TaskRole', {
      assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com'),
      managedPolicies: [workflow.policy],
    }),
  });
  const common = {
    image: ContainerImage.fromAsset(projectPath(''), {
      platform: Platform.LINUX_AMD64,
      ignoreMode: IgnoreMode.DOCKER,
    }),
    user: 'node',
    readonlyRootFilesystem: true,
    logging: LogDrivers.awsLogs({
      streamPrefix: 'service',
      logGroup: logGroup(stack, 'ServiceLogs', logGroupName(stack)),
    }),
    environment: {
      HOST: '0.0.0.0',
      PORT: String(port),
      ...serviceEnvironment(stack, workflow, parameters.settings, parameters.maxTasks),
      TRUST_PROXY: cidr,
      // Longer than that of the load balancer, which otherwise might send a request while the service
      // closes the connection, and return 502.
      KEEP_ALIVE_SECONDS: String(idleTimeout.toSeconds() + 30),
      // The load balancer has drained connections before SIGTERM.
      SHUTDOWN_GRACE_SECONDS: String(stopTimeoutSeconds - 10),
    },
  };
  const service = task.addContainer('Service', {
    ...common,
    memoryLimitMiB: parameters.taskMemory,
    portMappings: [{ containerPort: port }],
    stopTimeout: Duration.seconds(stopTimeoutSeconds),
  });
  const check = task.addContainer('ReadinessCheck', {
    ...common,
    essential: false,
    command: ['node', 'src/check-readiness.ts'],
    startTimeout: Duration.minutes(1),
  });
  service.addContainerDependencies({
    container: check,
    condition: ContainerDependencyCondition.SUCCESS,
  });
  Validations.of(task).acknowledge(
    { id: 'AwsSolutions-ECS2', reason: 'None of these settings is a secret.' },
    {
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'ecr:GetAuthorizationToken does not support resource-level permissions.',
    },
  );
  return task;
}
