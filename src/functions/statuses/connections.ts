import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createStatusRecorder, type StatusRecorder } from '../../status-table/recorder.ts';
import { createStatusTable, type StatusTable } from '../../status-table/status-table.ts';
import {
  createExecutionRecords,
  type ExecutionRecords,
} from '../../step-functions/execution-records.ts';

/** What the functions that keep the status table work with. */
export interface Connections {
  readonly records: ExecutionRecords;
  readonly recorder: StatusRecorder;
  readonly table: StatusTable;
}

/** By the AWS SDK's own variables, as Lambda sets them. */
export function connect(tableName: string): Connections {
  const client = new DynamoDBClient({
    requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
  });
  return {
    records: createExecutionRecords(),
    recorder: createStatusRecorder(client, tableName),
    table: createStatusTable(client, tableName),
  };
}
