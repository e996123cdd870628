import { ArnFormat, type Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** Lets whoever has the policy describe the executions of the state machine of that name. */
export function describeExecutions(stack: Stack, stateMachineName: string): PolicyStatement {
  const resolved = stack.resolve(stateMachineName);
  const name = typeof resolved === 'string' ? resolved : JSON.stringify(resolved);
  Validations.of(stack).acknowledge({
    id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:${name}:*]`,
    reason: 'Executions are named as they start; these are those of one state machine.',
  });
  return new PolicyStatement({
    actions: ['states:DescribeExecution'],
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
