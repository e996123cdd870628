import {
  type DynamoDBClient,
  paginateQuery,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { throwStatusTableError } from './errors.ts';
import type { Item } from './item.ts';

/**
 * Returns all items that a query finds, over all pages.
 *
 * @throws {StatusTableError}
 */
export async function queryAll(
  client: DynamoDBClient,
  query: QueryCommandInput,
  signal?: AbortSignal,
): Promise<Item[]> {
  const found: Item[] = [];
  try {
    for await (const { Items = [] } of paginateQuery({ client }, query, { abortSignal: signal })) {
      found.push(...Items);
    }
  } catch (error) {
    throwStatusTableError(error);
  }
  return found;
}
