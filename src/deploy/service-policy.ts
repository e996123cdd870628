import type { Stack } from 'aws-cdk-lib';
import type { CfnTable } from 'aws-cdk-lib/aws-dynamodb';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { executionStatement } from './execution-statement.ts';
import { globalName, nameInStage } from './stage.ts';
import { serviceStatements } from './statuses/status-table.ts';
import { type StateMachines, standardName } from './workflow/state-machines.ts';

/** Creates the policy that allows exactly the calls of the service, wherever it runs. */
export function servicePolicy(
  stack: Stack,
  { standard, express }: StateMachines,
  table: CfnTable,
): ManagedPolicy {
  return new ManagedPolicy(stack, 'ServicePolicy', {
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
      executionStatement(stack, nameInStage(stack, standardName), [
        'states:DescribeExecution',
        'states:GetExecutionHistory',
        'states:StopExecution',
      ]),
      ...serviceStatements(table),
    ],
  });
}
