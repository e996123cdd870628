import { ArnFormat, type Stack, Validations } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { globalName, nameInStage } from './stage.ts';
import { type StateMachines, standardName } from './state-machines.ts';

/** What the service calls, and nothing else. For its task's role, or for wherever else it runs. */
export function servicePolicy(stack: Stack, { standard, express }: StateMachines): ManagedPolicy {
  const standardMachine = nameInStage(stack, standardName);
  const executions = stack.formatArn({
    service: 'states',
    resource: 'execution',
    resourceName: `${standardMachine}:*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  const policy = new ManagedPolicy(stack, 'ServicePolicy', {
    ...globalName(stack, 'user-onboarding-service', 'managedPolicyName'),
    description: 'Starts and follows executions of the user onboarding workflow',
    statements: [
      new PolicyStatement({
        actions: ['states:StartExecution'],
        resources: [standard.stateMachineArn],
      }),
      new PolicyStatement({
        actions: ['states:StartSyncExecution'],
        resources: [express.stateMachineArn],
      }),
      new PolicyStatement({
        actions: ['states:DescribeStateMachine'],
        resources: [standard.stateMachineArn, express.stateMachineArn],
      }),
      new PolicyStatement({ actions: ['states:DescribeExecution'], resources: [executions] }),
    ],
  });
  Validations.of(policy).acknowledge({
    id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:${standardMachine}:*]`,
    reason: 'Executions are named as they start; these are those of one state machine.',
  });
  return policy;
}
