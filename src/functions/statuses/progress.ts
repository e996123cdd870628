import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { throwStatusTableError } from '../../status-table/errors.ts';
import { number, text, toNumber } from '../../status-table/item.ts';

/**
 * How far the status table has been compared with ListExecutions. Times are epoch milliseconds. It
 * stays true, so a run that stores an earlier progress than another only causes more work.
 */
export interface Progress {
  /** The table has every execution that was started or redriven before this time, if only as lost. */
  readonly comparedUntil: number;
  /** A comparison that was interrupted before it had read the list back to `comparedUntil`. */
  readonly interrupted?: Interrupted | undefined;
}

interface Interrupted {
  /** The new `comparedUntil` when it is finished. */
  readonly until: number;
  /** The token of the next page of the list. */
  readonly nextToken: string;
}

export interface ProgressStore {
  /** @throws {StatusTableError} */
  read(): Promise<Progress | undefined>;
  /** @throws {StatusTableError} */
  write(progress: Progress): Promise<void>;
}

const key = { id: { S: 'reconciliation' } };

export function createProgressStore(client: DynamoDBClient, tableName: string): ProgressStore {
  return {
    async read() {
      const command = new GetItemCommand({ TableName: tableName, Key: key, ConsistentRead: true });
      const { Item } = await client.send(command).catch(throwStatusTableError);
      const comparedUntil = toNumber(Item?.comparedUntil);
      if (comparedUntil === undefined) return undefined;
      const until = toNumber(Item?.until);
      const nextToken = Item?.nextToken?.S;
      if (until === undefined || nextToken === undefined) return { comparedUntil };
      return { comparedUntil, interrupted: { until, nextToken } };
    },
    async write({ comparedUntil, interrupted }) {
      const attributes = {
        comparedUntil: number(comparedUntil),
        until: number(interrupted?.until),
        nextToken: text(interrupted?.nextToken),
      };
      const present = Object.entries(attributes).flatMap(([name, value]) =>
        value ? [[name, value] as const] : [],
      );
      const Item = { ...key, ...Object.fromEntries(present) };
      const command = new PutItemCommand({ TableName: tableName, Item });
      await client.send(command).catch(throwStatusTableError);
    },
  };
}
