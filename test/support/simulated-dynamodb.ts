import {
  BatchGetItemCommand,
  type BatchGetItemCommandInput,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  type GetItemCommandInput,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { type Expressions, holds, type Item, numberOf, updated } from './dynamodb-expressions.ts';

export type DynamoDbCommand =
  | BatchGetItemCommand
  | GetItemCommand
  | QueryCommand
  | PutItemCommand
  | UpdateItemCommand
  | DeleteItemCommand;
export type DynamoDbOperation =
  | 'BatchGetItem'
  | 'GetItem'
  | 'Query'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem';

/** An item from a point in time on; `undefined` after it was deleted. */
interface Version {
  readonly at: number;
  readonly item: Item | undefined;
}

export interface DynamoDbOptions {
  readonly clock: { now(): number; sleep(milliseconds: number): Promise<void> };
  /** Milliseconds from a call to its arrival, and again to its response. */
  readonly latency?: (operation: DynamoDbOperation) => number;
  /** How many milliseconds reads of the table, or of an index, lag behind writes. */
  readonly readLag?: () => number;
  readonly indexLag?: () => number;
  /** The error of a call, if it fails, and whether its write is carried out nevertheless. */
  readonly fault?: (
    operation: DynamoDbOperation,
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
  const calls = {
    BatchGetItem: 0,
    GetItem: 0,
    Query: 0,
    PutItem: 0,
    UpdateItem: 0,
    DeleteItem: 0,
    itemsRead: 0,
  };

  /** The item as it was at a point in time, if it existed. */
  function at(time: number, id: string): Item[] {
    const item = items.get(id)?.findLast((version) => version.at <= time)?.item;
    return item ? [item] : [];
  }

  function write(
    id: string,
    condition: string | undefined,
    expressions: Expressions,
    change: (item: Item | undefined) => Item | undefined,
  ): void {
    const versions = items.get(id) ?? [];
    const last = versions.at(-1)?.item;
    if (!holds(condition ?? '', last, expressions)) {
      throw new ConditionalCheckFailedException({ message: 'no', $metadata: {} });
    }
    items.set(id, [...versions, { at: clock.now(), item: change(last) }]);
  }

  function get({ Key, ConsistentRead = false }: GetItemCommandInput) {
    const [Item] = at(clock.now() - (ConsistentRead ? 0 : readLag()), Key?.id?.S ?? '');
    return { Item };
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

  function carryOut(command: DynamoDbCommand): unknown {
    if (command instanceof BatchGetItemCommand) return batchGet(command.input);
    if (command instanceof QueryCommand) return query(command.input);
    if (command instanceof GetItemCommand) return get(command.input);
    if (command instanceof PutItemCommand) {
      const { Item, ConditionExpression, ...expressions } = command.input;
      return write(Item?.id?.S ?? '', ConditionExpression, expressions, () => Item);
    }
    const { Key, ConditionExpression, ...expressions } = command.input;
    return write(Key?.id?.S ?? '', ConditionExpression, expressions, (item) =>
      command instanceof UpdateItemCommand ? updated(item, command.input) : undefined,
    );
  }

  async function send(
    command: DynamoDbCommand,
    { abortSignal }: { abortSignal?: AbortSignal } = {},
  ) {
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
  return { client, send, calls, items };
}

function operationOf(command: DynamoDbCommand): DynamoDbOperation {
  if (command instanceof BatchGetItemCommand) return 'BatchGetItem';
  if (command instanceof GetItemCommand) return 'GetItem';
  if (command instanceof QueryCommand) return 'Query';
  if (command instanceof PutItemCommand) return 'PutItem';
  if (command instanceof UpdateItemCommand) return 'UpdateItem';
  if (command instanceof DeleteItemCommand) return 'DeleteItem';
  throw new Error('This operation is not simulated.');
}
