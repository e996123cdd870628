import { InvalidWorkflow, type State, type Workflow } from './definition.ts';
import { functions, queues, tables } from './resources.ts';

/** What one Task calls on AWS, and so what the role of the state machine must allow. */
export interface TaskCall {
  /** The name of the state. */
  readonly task: string;
  /** As IAM names it. */
  readonly action: string;
  /** The name in `resources.ts` of the table, function or queue. */
  readonly resource: string;
}

interface Integration {
  readonly action: string;
  /** The argument that names the resource. */
  readonly argument: string;
  /** What it can name. */
  readonly resources: object;
}

const onTable = { argument: 'TableName', resources: tables };

/** https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html */
const integrations: Readonly<Record<string, Integration | undefined>> = {
  'dynamodb:deleteItem': { action: 'dynamodb:DeleteItem', ...onTable },
  'dynamodb:getItem': { action: 'dynamodb:GetItem', ...onTable },
  'dynamodb:putItem': { action: 'dynamodb:PutItem', ...onTable },
  'dynamodb:updateItem': { action: 'dynamodb:UpdateItem', ...onTable },
  'lambda:invoke': {
    action: 'lambda:InvokeFunction',
    argument: 'FunctionName',
    resources: functions,
  },
  'sqs:sendMessage': { action: 'sqs:SendMessage', argument: 'QueueUrl', resources: queues },
};

/**
 * What the Tasks of the workflow call, those in Parallel and Map states included.
 *
 * @throws {InvalidWorkflow} a Task calls something else than an entry of `resources.ts`
 */
export function taskCalls(workflow: Workflow): TaskCall[] {
  return Object.entries(workflow.States).flatMap(([name, state]) => [
    ...(state.Type === 'Task' ? [taskCall(name, state)] : []),
    ...[state.ItemProcessor ?? [], state.Branches ?? []].flat().flatMap(taskCalls),
  ]);
}

function taskCall(task: string, state: State): TaskCall {
  const [, name = ''] = /^arn:\$\{Partition\}:states:::(.+)$/.exec(state.Resource ?? '') ?? [];
  const integration = integrations[name];
  if (!integration) {
    const known = Object.keys(integrations).join(', ');
    throw new InvalidWorkflow(
      `The Task ${task} has the Resource ${state.Resource}. It must be arn:\${Partition}:states:::… with one of: ${known}.`,
    );
  }
  const { action, argument, resources } = integration;
  const [, resource = ''] = /^\$\{(\w+)\}$/.exec(textOf(state.Arguments, argument)) ?? [];
  if (!Object.hasOwn(resources, resource)) {
    const known = Object.keys(resources).map((each) => `\${${each}}`);
    throw new InvalidWorkflow(
      `The Task ${task} must take its ${argument} from src/workflow/resources.ts. There is: ${known.join(', ')}.`,
    );
  }
  return { task, action, resource };
}

function textOf(value: unknown, member: string): string {
  const found: unknown = Object(value)[member];
  return typeof found === 'string' ? found : '';
}
