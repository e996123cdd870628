import type { Json } from '../states-language/execution.ts';
import type { State, TaskState } from '../states-language/states.ts';

type FieldType = 'a string' | 'a number' | 'an object' | 'an array';

/** The result members of each resource. Members that are not listed here are not checked. */
const resultFields: Readonly<Record<string, Readonly<Record<string, FieldType>>>> = {
  'lambda:invoke': {
    StatusCode: 'a number',
    ExecutedVersion: 'a string',
    FunctionError: 'a string',
    LogResult: 'a string',
  },
  'sqs:sendMessage': {
    MessageId: 'a string',
    MD5OfMessageBody: 'a string',
    MD5OfMessageAttributes: 'a string',
    MD5OfMessageSystemAttributes: 'a string',
    SequenceNumber: 'a string',
  },
  'sns:publish': { MessageId: 'a string', SequenceNumber: 'a string' },
  'dynamodb:getItem': { Item: 'an object', ConsumedCapacity: 'an object' },
  'dynamodb:putItem': changed(),
  'dynamodb:updateItem': changed(),
  'dynamodb:deleteItem': changed(),
};

function changed() {
  return {
    Attributes: 'an object',
    ConsumedCapacity: 'an object',
    ItemCollectionMetrics: 'an object',
  } as const;
}

/**
 * Returns AWS's error message for an invalid mocked result, or undefined if the result is valid.
 *
 * A member that is present must have the right type, unless `mode` is NONE. STRICT would also check
 * required members, but none of these results has any. AWS checks the results of all services; local
 * AWS checks those of the resources that it supports.
 */
export function mockProblem(
  state: State,
  result: Json,
  failedIterations: number | undefined,
  mode: 'STRICT' | 'PRESENT' | 'NONE',
): string | undefined {
  if (state.type === 'Task') return mode === 'NONE' ? undefined : fieldProblem(state, result);
  if (!Array.isArray(result)) return 'Mocked result must be an array.';
  if (state.type === 'Parallel' && result.length !== state.branches.length) {
    return 'Mocked result must contain the same number of items as number of Parallel branches.';
  }
  if (failedIterations !== undefined && failedIterations > result.length) {
    return 'Map iteration failure count must be less than or equal to the number of Map iterations';
  }
  return undefined;
}

function fieldProblem({ resource }: TaskState, result: Json): string | undefined {
  const [, service = ''] = /:::(\w+:\w+)$/.exec(resource) ?? [];
  const fields = resultFields[service];
  if (!fields || typeof result !== 'object' || result === null || Array.isArray(result)) {
    return undefined;
  }
  for (const [member, type] of Object.entries(fields)) {
    const value = result[member];
    if (value !== undefined && typeOf(value) !== type) {
      return `Mock result schema validation error: Field '${member}' must be ${type}`;
    }
  }
  return undefined;
}

function typeOf(value: Json): string {
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
