import { readFileSync } from 'node:fs';
import { ArnFormat, type Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  DefinitionBody,
  LogLevel,
  StateMachine,
  StateMachineType,
} from 'aws-cdk-lib/aws-stepfunctions';
import { logGroup } from './log-group.ts';
import { projectPath } from './project-path.ts';
import type { WorkflowResources } from './workflow-resources.ts';

export type StateMachines = ReturnType<typeof stateMachines>;

export const standardName = 'user-onboarding';

/** The one definition as a Standard and as an Express state machine. */
export function stateMachines(stack: Stack, resources: WorkflowResources) {
  const { STANDARD, EXPRESS } = StateMachineType;
  return {
    standard: stateMachine(stack, 'Standard', standardName, STANDARD, resources),
    express: stateMachine(stack, 'Express', 'user-onboarding-express', EXPRESS, resources),
  };
}

function stateMachine(
  stack: Stack,
  id: string,
  stateMachineName: string,
  stateMachineType: StateMachineType,
  { table, applyReferral, queue }: WorkflowResources,
) {
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
  for (const [action, resource] of [
    ['dynamodb:PutItem', table.tableArn],
    ['lambda:InvokeFunction', applyReferral.functionArn],
    ['sqs:SendMessage', queue.queueArn],
  ] as const) {
    role.addToPolicy(new PolicyStatement({ actions: [action], resources: [resource] }));
  }
  Validations.of(role).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'X-Ray and the delivery of logs have no resources that a policy could name.',
  });
  const machine = new StateMachine(stack, id, {
    stateMachineName,
    stateMachineType,
    role,
    definitionBody: DefinitionBody.fromString(
      readFileSync(projectPath('config/user-onboarding.asl.json'), 'utf8'),
    ),
    definitionSubstitutions: {
      Partition: stack.partition,
      TableName: table.tableName,
      FunctionArn: applyReferral.functionArn,
      QueueUrl: queue.queueUrl,
    },
    tracingEnabled: true,
    logs: {
      destination: logGroup(stack, `${id}Logs`, `/aws/vendedlogs/states/${stateMachineName}`),
      // An Express execution has no history but its log.
      level: LogLevel.ALL,
      // Input and output are personal data.
      includeExecutionData: false,
    },
  });
  Validations.of(machine).acknowledge({
    id: 'CloudFormation-Validate::E1029',
    reason: 'DefinitionSubstitutions fill in the placeholders, not Fn::Sub.',
  });
  return machine;
}
