import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { createStatusRecorder, type StatusRecorder } from '../../status-table/recorder.ts';
import { createStatusTable, type StatusTable } from '../../status-table/status-table.ts';
import {
  createExecutionRecords,
  type ExecutionRecords,
} from '../../step-functions/execution-records.ts';

/** What the functions that keep the status table work with. */
export interface Connections {
  readonly records: Pick<ExecutionRecords, 'describe' | 'list'>;
  readonly recorder: StatusRecorder;
  readonly table: StatusTable;
}

/** @param aws where AWS is, unless by the AWS SDK's own variables, as Lambda sets them */
export function connect(
  tableName: string,
  aws: {
    dynamoDb?: Pick<DynamoDBClientConfig, 'endpoint' | 'region' | 'credentials'>;
    stepFunctions?: Parameters<typeof createExecutionRecords>[0];
  } = {},
): Connections & { close(): void } {
  const client = new DynamoDBClient({
    ...aws.dynamoDb,
    requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
  });
  const records = createExecutionRecords(aws.stepFunctions);
  return {
    records,
    recorder: createStatusRecorder(client, tableName),
    table: createStatusTable(client, tableName),
    close() {
      client.destroy();
      records.close();
    },
  };
}
