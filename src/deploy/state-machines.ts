import { ArnFormat, type Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  DefinitionBody,
  LogLevel,
  StateMachine,
  StateMachineType,
} from 'aws-cdk-lib/aws-stepfunctions';
import { fillIn, readDefinition } from '../workflow/definition.ts';
import { taskCalls } from '../workflow/task-calls.ts';
import { logGroup } from './log-group.ts';
import { nameInStage } from './stage.ts';
import type { WorkflowResource } from './workflow-resources.ts';

export type StateMachines = ReturnType<typeof stateMachines>;

export const standardName = 'user-onboarding';

/** The one definition as a Standard and as an Express state machine. */
export function stateMachines(stack: Stack, resources: ReadonlyMap<string, WorkflowResource>) {
  const { STANDARD, EXPRESS } = StateMachineType;
  return {
    standard: stateMachine(stack, 'Standard', standardName, STANDARD, resources),
    express: stateMachine(stack, 'Express', 'user-onboarding-express', EXPRESS, resources),
  };
}

function stateMachine(
  stack: Stack,
  id: string,
  name: string,
  stateMachineType: StateMachineType,
  resources: ReadonlyMap<string, WorkflowResource>,
) {
  const stateMachineName = nameInStage(stack, name);
  const role = new Role(stack, `${id}Role`, {
    description: `What the state machine ${stateMachineName} may do`,
    // Step Functions acts for executions of this account and Region alone (the confused deputy).
    assumedBy: new ServicePrincipal('states.amazonaws.com').withConditions({
      StringEquals: { 'aws:SourceAccount': stack.account },
      ArnLike: {
        'aws:SourceArn': stack.formatArn({
          service: 'states',
          resource: 'stateMachine',
          resourceName: '*',
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      },
    }),
  });
  const definition = readDefinition();
  const calls = taskCalls(definition);
  for (const [name, { arn }] of resources) {
    const actions = calls.filter(({ resource }) => resource === name).map(({ action }) => action);
    if (actions.length > 0) role.addToPolicy(new PolicyStatement({ actions, resources: [arn] }));
  }
  Validations.of(role).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'X-Ray and the delivery of logs have no resources that a policy could name.',
  });
  return new StateMachine(stack, id, {
    stateMachineName,
    stateMachineType,
    role,
    definitionBody: DefinitionBody.fromString(
      fillIn(
        definition,
        new Map([
          ['Partition', stack.partition],
          ...[...resources].map(([name, { value }]) => [name, value] as const),
        ]),
      ),
    ),
    tracingEnabled: true,
    logs: {
      destination: logGroup(stack, `${id}Logs`, `/aws/vendedlogs/states/${stateMachineName}`),
      // An Express execution has no history but its log.
      level: LogLevel.ALL,
      // Input and output are personal data.
      includeExecutionData: false,
    },
  });
}
