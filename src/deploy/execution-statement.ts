import { ArnFormat, type Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** Returns a statement that allows actions on all executions of a state machine. */
export function executionStatement(
  stack: Stack,
  stateMachineName: string,
  actions: readonly string[],
): PolicyStatement {
  const resolved = stack.resolve(stateMachineName);
  const name = typeof resolved === 'string' ? resolved : JSON.stringify(resolved);
  Validations.of(stack).acknowledge({
    id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:${name}:*]`,
    reason: 'Executions get their names when they start. These belong to one state machine.',
  });
  return new PolicyStatement({
    actions: [...actions],
    resources: [
      stack.formatArn({
        service: 'states',
        resource: 'execution',
        resourceName: `${stateMachineName}:*`,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
    ],
  });
}
