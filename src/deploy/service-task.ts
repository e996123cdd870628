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
import { logGroup } from './log-group.ts';
import { projectPath } from './project-path.ts';
import type { ServiceParameters } from './service-parameters.ts';
import { serviceEnvironment } from './service-settings.ts';
import { nameInStage } from './stage.ts';
import type { workflowStack } from './workflow-stack.ts';

export const port = 3000;

export const logGroupName = (stack: Stack) =>
  `/ecs/${nameInStage(stack, 'user-onboarding-service')}`;

/** The longest that Fargate waits between SIGTERM and SIGKILL. */
const stopTimeoutSeconds = 120;

/** What a task needs to know of the load balancer. */
export interface InFront {
  /** Its addresses, as CIDR: their `X-Forwarded-For` is believed. */
  readonly addresses: string;
  readonly idleTimeout: Duration;
}

/**
 * One task of the service.
 *
 * The service starts only once a container of the same image and settings has found that it will be
 * ready. So a deployment that cannot work never takes requests, fails the circuit breaker and is
 * taken back; and since a task checks once, before it starts, what becomes unreachable later takes no
 * running task away.
 */
export function serviceTask(
  stack: Stack,
  workflow: ReturnType<typeof workflowStack>,
  parameters: ServiceParameters,
  { addresses, idleTimeout }: InFront,
): FargateTaskDefinition {
  const task = new FargateTaskDefinition(stack, 'Task', {
    cpu: parameters.taskCpu,
    memoryLimitMiB: parameters.taskMemory,
    // Built as it is on most machines; those of another architecture emulate it by themselves.
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
      TRUST_PROXY: addresses,
      // Else the load balancer sends a request just as the service closes the connection: a 502.
      KEEP_ALIVE_SECONDS: String(idleTimeout.toSeconds() + 30),
      // Before it, the load balancer has already let requests finish for as long as it drains.
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
      reason: 'ecr:GetAuthorizationToken has no resource that a policy could name.',
    },
  );
  return task;
}
