import { ArnFormat, type Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  DefinitionBody,
  LogLevel,
  StateMachine,
  StateMachineType,
} from 'aws-cdk-lib/aws-stepfunctions';
import { fillIn, InvalidWorkflow, type Workflow } from '../../workflow/definition.ts';
import type { TaskCall } from '../../workflow/task-calls.ts';
import { logGroup } from '../log-group.ts';
import { nameInStage } from '../stage.ts';
import type { WorkflowResource } from './workflow-resources.ts';

export type StateMachines = ReturnType<typeof stateMachines>;

export const standardName = 'user-onboarding';

/** A workflow, and what its role and its placeholders need. */
export interface DeployedWorkflow {
  readonly definition: Workflow;
  readonly calls: readonly TaskCall[];
  /** Keyed by their names in the definition. */
  readonly resources: ReadonlyMap<string, WorkflowResource>;
}

/**
 * Creates a Standard and an Express state machine from the same definition.
 *
 * @throws {InvalidWorkflow}
 */
export function stateMachines(stack: Stack, workflow: DeployedWorkflow) {
  const waiting = workflow.calls.find(({ waitsForToken }) => waitsForToken);
  if (waiting) {
    throw new InvalidWorkflow(
      `The Task ${waiting.task} waits for a task token, which Express state machines do not support. The workflow is deployed as Standard and as Express: move the Task into a separate state machine.`,
    );
  }
  const { STANDARD, EXPRESS } = StateMachineType;
  return {
    standard: stateMachine(stack, 'Standard', standardName, STANDARD, workflow),
    express: stateMachine(stack, 'Express', 'user-onboarding-express', EXPRESS, workflow),
  };
}

function stateMachine(
  stack: Stack,
  id: string,
  name: string,
  stateMachineType: StateMachineType,
  { definition, calls, resources }: DeployedWorkflow,
) {
  const stateMachineName = nameInStage(stack, name);
  const role = new Role(stack, `${id}Role`, {
    description: `What the state machine ${stateMachineName} may do`,
    // Against the confused deputy problem: only state machines of this account and Region.
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
  for (const [name, { arn }] of resources) {
    const actions = calls.filter(({ resource }) => resource === name).map(({ action }) => action);
    if (actions.length > 0) role.addToPolicy(new PolicyStatement({ actions, resources: [arn] }));
  }
  Validations.of(role).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'X-Ray and log delivery do not support resource-level permissions.',
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
      // The log is the only history of an Express execution.
      level: LogLevel.ALL,
      // Input and output contain personal data.
      includeExecutionData: false,
    },
  });
}
