import { ArnFormat, type Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** Allows these actions on the executions of the state machine of that name. */
export function onExecutions(
  stack: Stack,
  stateMachineName: string,
  actions: readonly string[],
): PolicyStatement {
  const resolved = stack.resolve(stateMachineName);
  const name = typeof resolved === 'string' ? resolved : JSON.stringify(resolved);
  Validations.of(stack).acknowledge({
    id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:${name}:*]`,
    reason: 'Executions are named as they start; these are those of one state machine.',
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
