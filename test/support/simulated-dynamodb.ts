import {
  type AttributeValue,
  BatchGetItemCommand,
  type BatchGetItemCommandInput,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';

type Item = Readonly<Record<string, AttributeValue>>;

type Command = BatchGetItemCommand | QueryCommand | UpdateItemCommand | DeleteItemCommand;
type Operation = 'BatchGetItem' | 'Query' | 'UpdateItem' | 'DeleteItem';

/** An item from a point in time on; `undefined` after it was deleted. */
interface Version {
  readonly at: number;
  readonly item: Item | undefined;
}

export interface DynamoDbOptions {
  readonly clock: { now(): number; sleep(milliseconds: number): Promise<void> };
  /** Milliseconds from a call to its arrival, and again to its response. */
  readonly latency?: (operation: Operation) => number;
  /** How many milliseconds reads of the table, or of an index, lag behind writes. */
  readonly readLag?: () => number;
  readonly indexLag?: () => number;
  /** The error of a call, if it fails, and whether its write is carried out nevertheless. */
  readonly fault?: (
    operation: Operation,
  ) => { readonly error: Error; readonly isCarriedOut: boolean } | undefined;
  /** The most items that a Query returns in one page. */
  readonly pageSize?: number;
}

/**
 * DynamoDB behind the SDK's client: one table with the string key `id`, conditional writes, reads
 * and indexes that lag, pages, and calls that fail, on the given clock.
 */
export function simulateDynamoDb(options: DynamoDbOptions) {
  const { clock, latency = () => 0, readLag = () => 0, indexLag = () => 0 } = options;
  const { fault = () => undefined, pageSize = Number.POSITIVE_INFINITY } = options;
  const items = new Map<string, Version[]>();
  const calls = { BatchGetItem: 0, Query: 0, UpdateItem: 0, DeleteItem: 0, itemsRead: 0 };

  /** The item as it was at a point in time, if it existed. */
  function at(time: number, id: string): Item[] {
    const item = items.get(id)?.findLast((version) => version.at <= time)?.item;
    return item ? [item] : [];
  }

  function write(
    { Key, ConditionExpression, ...expressions }: UpdateItemCommandInput,
    change: (item: Item | undefined) => Item | undefined,
  ): void {
    const id = Key?.id?.S ?? '';
    const versions = items.get(id) ?? [];
    const last = versions.at(-1)?.item;
    if (!holds(ConditionExpression ?? '', last, expressions)) {
      throw new ConditionalCheckFailedException({ message: 'no', $metadata: {} });
    }
    items.set(id, [...versions, { at: clock.now(), item: change(last) }]);
  }

  function batchGet({ RequestItems = {} }: BatchGetItemCommandInput) {
    const seenAt = clock.now() - readLag();
    const found = Object.entries(RequestItems).map(([table, { Keys = [] }]) => [
      table,
      Keys.flatMap(({ id }) => at(seenAt, id?.S ?? '')),
    ]);
    calls.itemsRead += Object.values(RequestItems).flatMap(({ Keys = [] }) => Keys).length;
    return { Responses: Object.fromEntries(found) };
  }

  function query({ KeyConditionExpression = '', ExclusiveStartKey, ...input }: QueryCommandInput) {
    const seenAt = clock.now() - indexLag();
    const [, sortKey = ''] = [...KeyConditionExpression.matchAll(/(\w+) *[=<>]/g)].map(
      ([, name]) => name,
    );
    const all = [...items.keys()]
      .flatMap((id) => at(seenAt, id))
      .filter((item) => holds(KeyConditionExpression, item, input))
      .sort((a, b) => numberOf(a[sortKey]) - numberOf(b[sortKey]));
    const from = numberOf(ExclusiveStartKey?.at) || 0;
    const page = all.slice(from, from + pageSize);
    calls.itemsRead += page.length;
    const isLast = from + page.length >= all.length;
    return {
      Items: page,
      LastEvaluatedKey: isLast ? undefined : { at: { N: `${from + pageSize}` } },
    };
  }

  function carryOut(command: Command): unknown {
    if (command instanceof BatchGetItemCommand) return batchGet(command.input);
    if (command instanceof QueryCommand) return query(command.input);
    if (command instanceof UpdateItemCommand) {
      return write(command.input, (item) => updated(item, command.input));
    }
    return write(command.input, () => undefined);
  }

  async function send(command: Command, { abortSignal }: { abortSignal?: AbortSignal } = {}) {
    const aborted = Promise.withResolvers<never>();
    aborted.promise.catch(() => undefined);
    const abort = () => aborted.reject(new DOMException('aborted', 'AbortError'));
    abortSignal?.addEventListener('abort', abort);
    const operation = operationOf(command);
    calls[operation] += 1;
    const failure = fault(operation);
    const call = async () => {
      await clock.sleep(latency(operation));
      const response = failure?.isCarriedOut === false ? undefined : carryOut(command);
      await clock.sleep(latency(operation));
      if (failure) throw failure.error;
      return response;
    };
    try {
      return await Promise.race([call(), aborted.promise]);
    } finally {
      abortSignal?.removeEventListener('abort', abort);
    }
  }

  const client = Object.assign(new DynamoDBClient({ region: 'us-east-1' }), { send });
  return { client, calls, items };
}

function operationOf(command: Command): Operation {
  if (command instanceof BatchGetItemCommand) return 'BatchGetItem';
  if (command instanceof QueryCommand) return 'Query';
  if (command instanceof UpdateItemCommand) return 'UpdateItem';
  if (command instanceof DeleteItemCommand) return 'DeleteItem';
  throw new Error('This operation is not simulated.');
}

type Expressions = Pick<
  UpdateItemCommandInput,
  'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>;

/** Whether a condition holds: terms joined by OR and AND. */
function holds(condition: string, item: Item | undefined, expressions: Expressions): boolean {
  if (condition.includes(' OR ')) {
    return condition.split(' OR ').some((term) => holds(term, item, expressions));
  }
  return condition.split(' AND ').every((term) => {
    if (term === '') return true;
    const missing = /^attribute_not_exists\((\S+)\)$/.exec(term)?.[1];
    if (missing !== undefined) return item?.[nameOf(missing, expressions)] === undefined;
    const [, name = '', operator = '', value = ''] =
      /^(\S+) (=|<|<=|>|>=) (:\w+)$/.exec(term) ?? [];
    const [a, b] = [
      item?.[nameOf(name, expressions)],
      expressions.ExpressionAttributeValues?.[value],
    ];
    if (a === undefined || b === undefined) return false;
    const difference = a.S === undefined ? numberOf(a) - numberOf(b) : Number(a.S !== b.S);
    if (operator === '=') return difference === 0;
    return operator.startsWith('<')
      ? difference < 0 || (operator === '<=' && difference === 0)
      : difference > 0 || (operator === '>=' && difference === 0);
  });
}

function updated(item: Item | undefined, input: UpdateItemCommandInput): Item {
  const { Key, UpdateExpression = '', ExpressionAttributeValues = {} } = input;
  const [, set = '', remove = ''] = /^SET (.*?)(?: REMOVE (.*))?$/.exec(UpdateExpression) ?? [];
  const changed: Record<string, AttributeValue> = { ...item, ...Key };
  for (const assignment of set.split(', ')) {
    const [name = '', value = ''] = assignment.split(' = ');
    const attribute = ExpressionAttributeValues[value];
    if (attribute) changed[nameOf(name, input)] = attribute;
  }
  for (const name of remove.split(', ')) delete changed[nameOf(name, input)];
  return changed;
}

function nameOf(text: string, { ExpressionAttributeNames = {} }: Expressions): string {
  return ExpressionAttributeNames[text] ?? text;
}

function numberOf(value: AttributeValue | undefined): number {
  return Number(value?.N);
}
