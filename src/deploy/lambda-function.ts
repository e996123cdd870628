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
 * A function bundled from its module, with a role that may write its log and traces.
 *
 * @param options where it differs from a function of the workflow
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
    reason: 'X-Ray has no resources that a policy could name.',
  });
  return new NodejsFunction(stack, id, {
    functionName,
    entry: projectPath(module),
    depsLockFilePath: projectPath('package-lock.json'),
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    memorySize: 256,
    // Less than the timeout of the Task: a function that hangs fails with Lambda's error, which the
    // Task retries, and does not run on beside its next attempt.
    timeout: Duration.seconds(10),
    tracing: Tracing.ACTIVE,
    logGroup: logs,
    role,
    bundling: {
      format: OutputFormat.ESM,
      target: 'node24',
      logLevel: LogLevel.WARNING,
      // The SDK that is tested, and not whichever the runtime has.
      bundleAwsSDK: true,
      // Packages in CommonJS would `require` what an ES module cannot.
      mainFields: ['module', 'main'],
    },
    ...options,
  });
}
