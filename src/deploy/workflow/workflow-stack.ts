import { type App, CfnOutput, Stack } from 'aws-cdk-lib';
import type { Workflow } from '../../workflow/definition.ts';
import type { Resources } from '../../workflow/resources.ts';
import { taskCalls } from '../../workflow/task-calls.ts';
import { monitorWorkflow } from '../alarms/workflow-alarms.ts';
import { servicePolicy } from '../service-policy.ts';
import { nameInStage } from '../stage.ts';
import { statuses } from '../statuses/status-functions.ts';
import { newUserApi } from './new-user-api.ts';
import { standardName, stateMachines } from './state-machines.ts';
import { workflowResources } from './workflow-resources.ts';

/** The definition of a workflow, and the resources that it uses. */
export interface WorkflowSource {
  readonly definition: Workflow;
  readonly resources: Resources;
}

/**
 * Creates the stack of the workflow: its state machines and resources, the status table, the no-code
 * route, and the policy of the service.
 *
 * @throws {InvalidWorkflow}
 */
export function workflowStack(app: App, { definition, resources }: WorkflowSource) {
  const stack = new Stack(app, 'user-onboarding', {
    stackName: nameInStage(app, 'user-onboarding'),
    description: 'The user onboarding workflow, and the no-code route that starts it',
    terminationProtection: true,
  });
  const machines = stateMachines(stack, {
    definition,
    calls: taskCalls(definition, resources),
    resources: workflowResources(stack, resources),
  });
  const { invokeUrl } = newUserApi(stack, machines);
  const name = nameInStage(stack, standardName);
  const table = statuses(stack, 'user-onboarding', {
    arn: machines.standard.stateMachineArn,
    name,
  });
  monitorWorkflow(stack, name);
  const lines = {
    STEP_FUNCTIONS_WORKFLOW_ARN: machines.standard.stateMachineArn,
    STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS: machines.express.stateMachineArn,
    STATUS_TABLE: table.ref,
    NEW_USER_URL: invokeUrl,
  };
  for (const [variable, value] of Object.entries(lines)) {
    // The value is a whole line of `.env`, because output names cannot contain underscores.
    new CfnOutput(stack, variable.replaceAll('_', ''), { value: `${variable}=${value}` });
  }
  return { stack, machines, table, policy: servicePolicy(stack, machines, table) };
}
