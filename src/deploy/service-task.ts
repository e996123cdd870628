import { CfnParameter, Duration, IgnoreMode, type Stack, Validations } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import {
  ContainerImage,
  CpuArchitecture,
  FargateTaskDefinition,
  LogDrivers,
  OperatingSystemFamily,
} from 'aws-cdk-lib/aws-ecs';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { logGroup } from './log-group.ts';
import { projectPath } from './project-path.ts';
import type { workflowStack } from './workflow-stack.ts';

const port = 3000;

/** The longest that Fargate waits between SIGTERM and SIGKILL. */
const stopTimeoutSeconds = 120;

/** What a task needs to know of the load balancer. */
export interface InFront {
  /** Its addresses, as CIDR: their `X-Forwarded-For` is believed. */
  readonly addresses: string;
  readonly idleTimeout: Duration;
}

/** One task of the service. Callers authenticate: there is no parameter that turns it off. */
export function serviceTask(
  stack: Stack,
  { machines, policy }: ReturnType<typeof workflowStack>,
  { addresses, idleTimeout }: InFront,
): FargateTaskDefinition {
  const issuer = new CfnParameter(stack, 'AuthIssuer', {
    description: "The issuer of callers' access tokens, an https URL",
    allowedPattern: '^https://.+$',
  });
  const audience = new CfnParameter(stack, 'AuthAudience', {
    description: "The audience of callers' access tokens; for Amazon Cognito, the app client's id",
    minLength: 1,
  });
  const task = new FargateTaskDefinition(stack, 'Task', {
    cpu: 512,
    memoryLimitMiB: 1024,
    // Built as it is on most machines; those of another architecture emulate it by themselves.
    runtimePlatform: {
      cpuArchitecture: CpuArchitecture.X86_64,
      operatingSystemFamily: OperatingSystemFamily.LINUX,
    },
    taskRole: new Role(stack, 'TaskRole', {
      assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com'),
      managedPolicies: [policy],
    }),
  });
  task.addContainer('Service', {
    image: ContainerImage.fromAsset(projectPath(''), {
      platform: Platform.LINUX_AMD64,
      ignoreMode: IgnoreMode.DOCKER,
    }),
    portMappings: [{ containerPort: port }],
    readonlyRootFilesystem: true,
    stopTimeout: Duration.seconds(stopTimeoutSeconds),
    logging: LogDrivers.awsLogs({
      streamPrefix: 'service',
      logGroup: logGroup(stack, 'ServiceLogs', '/ecs/user-onboarding-service'),
    }),
    environment: {
      HOST: '0.0.0.0',
      PORT: String(port),
      STEP_FUNCTIONS_WORKFLOW_ARN: machines.standard.stateMachineArn,
      STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS: machines.express.stateMachineArn,
      AUTH_ISSUER: issuer.valueAsString,
      AUTH_AUDIENCE: audience.valueAsString,
      TRUST_PROXY: addresses,
      // Else the load balancer sends a request just as the service closes the connection: a 502.
      KEEP_ALIVE_SECONDS: String(idleTimeout.toSeconds() + 30),
      // Before it, the load balancer has already let requests finish for as long as it drains.
      SHUTDOWN_GRACE_SECONDS: String(stopTimeoutSeconds - 10),
    },
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
