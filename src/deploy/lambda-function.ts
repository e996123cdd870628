import { Duration, type Stack, Validations } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import {
  LogLevel,
  NodejsFunction,
  type NodejsFunctionProps,
  OutputFormat,
} from 'aws-cdk-lib/aws-lambda-nodejs';
import type { LambdaFunction } from '../workflow/resources.ts';
import { logGroup } from './log-group.ts';
import { projectPath } from './project-path.ts';
import { nameInStage } from './stage.ts';

/**
 * Creates a function that is bundled from its module, with a role that may write logs and traces.
 *
 * @param options override the defaults, which are for functions of the workflow
 */
export function lambdaFunction(
  stack: Stack,
  id: string,
  { name, module }: LambdaFunction,
  options: NodejsFunctionProps = {},
): NodejsFunction {
  const functionName = nameInStage(stack, name);
  const logs = logGroup(stack, `${id}Logs`, `/aws/lambda/${functionName}`);
  const role = new Role(stack, `${id}Role`, {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
  });
  logs.grantWrite(role);
  Validations.of(role).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'X-Ray does not support resource-level permissions.',
  });
  return new NodejsFunction(stack, id, {
    functionName,
    entry: projectPath(module),
    depsLockFilePath: projectPath('package-lock.json'),
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    memorySize: 256,
    // Shorter than the timeout of the Task, so that a function that hangs has ended before the Task
    // retries it.
    timeout: Duration.seconds(10),
    tracing: Tracing.ACTIVE,
    logGroup: logs,
    role,
    bundling: {
      format: OutputFormat.ESM,
      target: 'node24',
      logLevel: LogLevel.WARNING,
      // Use the tested version of the SDK, not that of the runtime.
      bundleAwsSDK: true,
      // Prefer ES modules, because CommonJS packages call `require`, which an ES module lacks.
      mainFields: ['module', 'main'],
    },
    ...options,
  });
}
