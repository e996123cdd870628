import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { indexes, runningPartitions } from '../../status-table/definition.ts';
import { number, toDate } from '../../status-table/item.ts';
import { queryAll } from '../../status-table/query.ts';

/**
 * Returns the executions that are running according to the status table, with their start dates.
 *
 * @param startedBefore epoch milliseconds
 * @throws {StatusTableError}
 */
export async function runningExecutions(
  client: DynamoDBClient,
  tableName: string,
  startedBefore: number,
): Promise<ReadonlyMap<string, Date>> {
  const partitions = Array.from({ length: runningPartitions }, async (_, partition) => {
    const items = await queryAll(client, {
      TableName: tableName,
      IndexName: indexes.running,
      KeyConditionExpression: 'runningIn = :partition AND startDate < :startedBefore',
      ExpressionAttributeValues: {
        ':partition': number(partition),
        ':startedBefore': number(startedBefore),
      },
    });
    return items.flatMap(({ id, startDate }): [string, Date][] => {
      const date = toDate(startDate);
      return id?.S && date ? [[id.S, date]] : [];
    });
  });
  return new Map((await Promise.all(partitions)).flat());
}
