import { fillIn, InvalidWorkflow, readDefinition } from '../workflow/definition.ts';
import { functions, resources, tables } from '../workflow/resources.ts';
import { taskCalls } from '../workflow/task-calls.ts';
import { InvalidDefinition } from './states-language/definition.ts';
import { accountId, region } from './step-functions/arns.ts';
import type { NewStateMachine, StateMachines } from './step-functions/state-machines.ts';

/**
 * Creates the workflow as a Standard and an Express state machine.
 *
 * @param addresses URLs of queues and ARNs of topics, by their keys in `src/workflow/resources.ts`
 * @throws {InvalidWorkflow}
 */
export function createWorkflow(
  stateMachines: StateMachines,
  addresses: ReadonlyMap<string, string>,
): { workflowArn: string; expressWorkflowArn: string } {
  const unfilled = readDefinition();
  // Refuses a Task that calls something the deployed role has no permission for.
  taskCalls(unfilled, resources);
  const definition = fillIn(
    unfilled,
    new Map([
      ['Partition', 'aws'],
      ...Object.entries(tables).map(([id, { name }]) => [id, name] as const),
      ...Object.entries(functions).map(([id, { name }]) => [id, functionArn(name)] as const),
      ...addresses,
    ]),
  );
  const workflow = { definition, roleArn: `arn:aws:iam::${accountId}:role/user-onboarding` };
  const create = (machine: Pick<NewStateMachine, 'name' | 'type'>) =>
    arnOfNew(stateMachines, { ...workflow, ...machine });
  return {
    workflowArn: create({ name: 'user-onboarding', type: 'STANDARD' }),
    expressWorkflowArn: create({ name: 'user-onboarding-express', type: 'EXPRESS' }),
  };
}

function arnOfNew(stateMachines: StateMachines, machine: NewStateMachine): string {
  try {
    return stateMachines.create(machine).arn;
  } catch (error) {
    if (!(error instanceof InvalidDefinition)) throw error;
    throw new InvalidWorkflow(`config/user-onboarding.asl.yaml: ${error.message}`);
  }
}

function functionArn(name: string): string {
  return `arn:aws:lambda:${region}:${accountId}:function:${name}`;
}
