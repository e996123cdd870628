import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { createStatusTable, type StatusTable } from '../../status-table/status-table.ts';
import {
  createExecutionRecords,
  type ExecutionRecords,
} from '../../step-functions/execution-records.ts';
import { createStatusRecorder, type StatusRecorder } from './recorder.ts';
import { runningExecutions } from './running-executions.ts';

/** What the functions that maintain the status table use to access AWS. */
export interface FunctionClients {
  readonly records: Pick<ExecutionRecords, 'describe' | 'list'>;
  readonly recorder: StatusRecorder;
  readonly table: StatusTable;
  /** See {@link runningExecutions}. */
  running(startedBefore: number): Promise<ReadonlyMap<string, Date>>;
}

/**
 * A change is stored with the time at which its write was sent. Readers of `changes` look back five
 * seconds: two for this timeout, two for the lag of the index, and one for clock skew.
 */
const writeTimeoutMilliseconds = 2000;

/** @param aws how to reach AWS; by default, as the AWS SDK's variables say, which Lambda sets */
export function createFunctionClients(
  tableName: string,
  aws: {
    dynamoDb?: Pick<DynamoDBClientConfig, 'endpoint' | 'region' | 'credentials'>;
    stepFunctions?: Parameters<typeof createExecutionRecords>[0];
  } = {},
): FunctionClients & { close(): void } {
  const timeouts = (requestTimeout: number) => ({
    requestHandler: { connectionTimeout: 1000, requestTimeout, throwOnRequestTimeout: true },
  });
  const reader = new DynamoDBClient({ ...aws.dynamoDb, ...timeouts(3000) });
  const writer = new DynamoDBClient({
    ...aws.dynamoDb,
    maxAttempts: 1,
    ...timeouts(writeTimeoutMilliseconds),
  });
  const records = createExecutionRecords(aws.stepFunctions);
  return {
    records,
    recorder: createStatusRecorder(writer, tableName),
    table: createStatusTable(reader, tableName),
    running: (startedBefore) => runningExecutions(reader, tableName, startedBefore),
    close() {
      reader.destroy();
      writer.destroy();
      records.close();
    },
  };
}
