import { InvalidWorkflow, type State, type Workflow } from './definition.ts';
import type { Resources } from './resources.ts';

/** The AWS call of a Task, which the role of the state machine must allow. */
export interface TaskCall {
  /** The name of the state. */
  readonly task: string;
  /** The IAM action. */
  readonly action: string;
  /** The name in `resources.ts` of the table, function, queue or topic. */
  readonly resource: string;
  /** Whether the Task waits for a callback with its task token. Express workflows cannot. */
  readonly waitsForToken: boolean;
}

interface Integration {
  readonly action: string;
  /** The argument that names the resource. */
  readonly argument: string;
  /** The kind of resource that the argument names. */
  readonly kind: keyof Resources;
  /** Whether the Task may wait for a callback with its task token. */
  readonly takesToken?: boolean;
}

const onTable = { argument: 'TableName', kind: 'tables' } as const;

/** https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html */
const integrations: Readonly<Record<string, Integration>> = {
  'dynamodb:deleteItem': { action: 'dynamodb:DeleteItem', ...onTable },
  'dynamodb:getItem': { action: 'dynamodb:GetItem', ...onTable },
  'dynamodb:putItem': { action: 'dynamodb:PutItem', ...onTable },
  'dynamodb:updateItem': { action: 'dynamodb:UpdateItem', ...onTable },
  'lambda:invoke': {
    action: 'lambda:InvokeFunction',
    argument: 'FunctionName',
    kind: 'functions',
    takesToken: true,
  },
  'sns:publish': {
    action: 'sns:Publish',
    argument: 'TopicArn',
    kind: 'topics',
    takesToken: true,
  },
  'sqs:sendMessage': {
    action: 'sqs:SendMessage',
    argument: 'QueueUrl',
    kind: 'queues',
    takesToken: true,
  },
};

const tokenSuffix = '.waitForTaskToken';

/** Keyed by the part after `states:::` in the Resource of a Task. */
const byResource: ReadonlyMap<string, Integration> = new Map(
  Object.entries(integrations).flatMap(([name, integration]) => [
    [name, integration] as const,
    ...(integration.takesToken ? [[`${name}${tokenSuffix}`, integration] as const] : []),
  ]),
);

/**
 * Returns the AWS calls of all Tasks of a workflow, including those inside Parallel and Map states.
 *
 * @throws {InvalidWorkflow} a Task uses an unsupported integration or an unknown resource
 */
export function taskCalls(workflow: Workflow, resources: Resources): TaskCall[] {
  return Object.entries(workflow.States).flatMap(([name, state]) => [
    ...(state.Type === 'Task' ? [taskCall(name, state, resources)] : []),
    ...[state.ItemProcessor ?? [], state.Branches ?? []]
      .flat()
      .flatMap((inner) => taskCalls(inner, resources)),
  ]);
}

function taskCall(task: string, state: State, resources: Resources): TaskCall {
  const [, name = ''] = /^arn:\$\{Partition\}:states:::(.+)$/.exec(state.Resource ?? '') ?? [];
  const integration = byResource.get(name);
  if (!integration) {
    const known = [...byResource.keys()].join(', ');
    throw new InvalidWorkflow(
      `The Task ${task} has the Resource ${state.Resource}. It must be arn:\${Partition}:states:::… followed by one of: ${known}.`,
    );
  }
  const { action, argument, kind } = integration;
  const [, resource = ''] = /^\$\{(\w+)\}$/.exec(textOf(state.Arguments, argument)) ?? [];
  if (!Object.hasOwn(resources[kind], resource)) {
    const known = Object.keys(resources[kind]).map((each) => `\${${each}}`);
    throw new InvalidWorkflow(
      `The Task ${task} needs a ${argument} from ${kind} in src/workflow/resources.ts, which has: ${known.join(', ') || 'none'}.`,
    );
  }
  return { task, action, resource, waitsForToken: name.endsWith(tokenSuffix) };
}

function textOf(value: unknown, member: string): string {
  const found: unknown = Object(value)[member];
  return typeof found === 'string' ? found : '';
}
