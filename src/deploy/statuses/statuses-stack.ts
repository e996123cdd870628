import { type App, CfnOutput, CfnParameter, Fn, Stack } from 'aws-cdk-lib';
import { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { monitorWorkflow } from '../alarms/workflow-alarms.ts';
import { globalName, nameInStage } from '../stage.ts';
import { statuses } from './status-functions.ts';
import { serviceStatements } from './status-table.ts';

const prefix = 'own-onboarding';

/** Creates the status table for a Standard state machine that this project does not deploy. */
export function statusesStack(app: App): Stack {
  const stack = new Stack(app, 'user-onboarding-statuses', {
    stackName: nameInStage(app, 'user-onboarding-statuses'),
    terminationProtection: true,
    description: 'The statuses of the executions of a Standard state machine, updated by push',
  });
  const stateMachineArn = new CfnParameter(stack, 'StateMachineArn', {
    description: 'The Standard state machine, without a version or alias',
    allowedPattern: '^arn:[^:]+:states:[^:]+:\\d{12}:stateMachine:[^:]+$',
  }).valueAsString;
  const name = Fn.select(6, Fn.split(':', stateMachineArn));
  const table = statuses(stack, prefix, { arn: stateMachineArn, name });
  monitorWorkflow(stack, name);
  new ManagedPolicy(stack, 'StatusTablePolicy', {
    ...globalName(stack, `${prefix}-status-table`, 'managedPolicyName'),
    description: 'Allows the service to use the status table',
    statements: serviceStatements(table),
  });
  new CfnOutput(stack, 'STATUSTABLE', { value: `STATUS_TABLE=${table.ref}` });
  return stack;
}
