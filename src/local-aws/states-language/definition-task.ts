import type { StateMachineType } from '@aws-sdk/client-sfn';
import {
  addProblem,
  inner,
  maxSeconds,
  numberTemplateOf,
  objectTemplateOf,
  type Source,
  stringOf,
  templateOf,
} from './definition-fields.ts';
import { isObject } from './execution.ts';

const seconds = { min: 1, max: maxSeconds };

/** Parses the fields that only a Task has. */
export function parseTask(source: Source, stateMachineType: StateMachineType) {
  const resource = stringOf(source, 'Resource');
  if (source.json.Resource === undefined) {
    addProblem(source, '', 'These fields are required: [Resource]');
  } else if (resource !== undefined) {
    const problem = resourceProblem(resource, stateMachineType);
    if (problem) addProblem(source, 'Resource', problem);
  }
  const { TimeoutSeconds: timeout, HeartbeatSeconds: heartbeat, Credentials } = source.json;
  if (typeof timeout === 'number' && typeof heartbeat === 'number' && heartbeat >= timeout) {
    addProblem(source, 'HeartbeatSeconds', 'HeartbeatSeconds must be smaller than TimeoutSeconds');
  }
  if (isObject(Credentials) && Credentials.RoleArn === undefined) {
    const credentials = inner(source, 'Credentials', Credentials);
    addProblem(credentials, '', "The field 'RoleArn' is required but was missing");
  }
  objectTemplateOf(source, 'Credentials', ['input', 'context']);
  return {
    type: 'Task',
    resource: resource ?? '',
    arguments: templateOf(source, 'Arguments'),
    timeoutSeconds: numberTemplateOf(source, 'TimeoutSeconds', seconds),
    heartbeatSeconds: numberTemplateOf(source, 'HeartbeatSeconds', seconds),
  } as const;
}

/** The actions of the optimised integrations. A resource of any other service is not checked. */
const optimisedActions: Readonly<Record<string, readonly string[]>> = {
  lambda: ['invoke'],
  dynamodb: ['getItem', 'putItem', 'updateItem', 'deleteItem'],
  sqs: ['sendMessage'],
  sns: ['publish'],
  events: ['putEvents'],
  states: ['startExecution'],
};

function resourceProblem(resource: string, type: StateMachineType): string | undefined {
  if (!/^arn:[^:]+:[^:]+:[^:]*:[^:]*:./.test(resource)) return 'Value is not a valid resource ARN';
  const [, service = '', action = '', pattern] =
    /^arn:[^:]+:states:[^:]*:[^:]*:([\w-]+):(\w+)(\..+)?$/.exec(resource) ?? [];
  if (optimisedActions[service]?.includes(action) === false) {
    return `The resource provided ${resource} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.`;
  }
  if (type === 'EXPRESS' && pattern) {
    return `Express state machine does not support '${pattern}' service integration `;
  }
  return undefined;
}
