import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { indexes, lostPartition } from '../../status-table/definition.ts';
import { number, toDate } from '../../status-table/item.ts';
import { queryAll } from '../../status-table/query.ts';

/** An execution that is running according to the status table, or lost. */
export interface RunningExecution {
  readonly executionArn: string;
  readonly startDate: Date;
  /** Its events were lost, and it has not been described yet. */
  readonly isLost: boolean;
}

/**
 * Returns the running and the lost executions of the status table.
 *
 * @param startedBefore epoch milliseconds
 * @throws {StatusTableError}
 */
export async function runningExecutions(
  client: DynamoDBClient,
  tableName: string,
  startedBefore: number,
): Promise<readonly RunningExecution[]> {
  const partitions = Array.from({ length: lostPartition + 1 }, async (_, partition) => {
    const items = await queryAll(client, {
      TableName: tableName,
      IndexName: indexes.running,
      KeyConditionExpression: 'runningIn = :partition AND startDate < :startedBefore',
      ExpressionAttributeValues: {
        ':partition': number(partition),
        ':startedBefore': number(startedBefore),
      },
    });
    const isLost = partition === lostPartition;
    return items.flatMap((item) => {
      const executionArn = item.id?.S;
      const startDate = toDate(item.startDate);
      return executionArn && startDate ? [{ executionArn, startDate, isLost }] : [];
    });
  });
  return (await Promise.all(partitions)).flat();
}
