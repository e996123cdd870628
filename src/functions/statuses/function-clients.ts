import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { createStatusTable, type StatusTable } from '../../status-table/status-table.ts';
import {
  createExecutionReader,
  type ExecutionReader,
} from '../../step-functions/execution-reader.ts';
import { createProgressStore, type ProgressStore } from './progress.ts';
import { createStatusRecorder, type StatusRecorder } from './recorder.ts';
import { type RunningExecution, runningExecutions } from './running-executions.ts';

/** What the functions that maintain the status table use to access AWS. */
export interface FunctionClients {
  readonly executionReader: Pick<ExecutionReader, 'describe' | 'list'>;
  readonly recorder: StatusRecorder;
  readonly table: Pick<StatusTable, 'read'>;
  /** See {@link runningExecutions}. */
  running(startedBefore: number): Promise<readonly RunningExecution[]>;
  readonly progress: ProgressStore;
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
    stepFunctions?: Parameters<typeof createExecutionReader>[0];
  } = {},
): FunctionClients & { close(): void } {
  const timeouts = (requestTimeout: number) => ({
    requestHandler: { connectionTimeout: 1000, requestTimeout, throwOnRequestTimeout: true },
  });
  const client = new DynamoDBClient({ ...aws.dynamoDb, ...timeouts(3000) });
  const changeWriter = new DynamoDBClient({
    ...aws.dynamoDb,
    maxAttempts: 1,
    ...timeouts(writeTimeoutMilliseconds),
  });
  const executionReader = createExecutionReader(aws.stepFunctions);
  return {
    executionReader,
    recorder: createStatusRecorder(changeWriter, tableName),
    table: createStatusTable(client, tableName),
    running: (startedBefore) => runningExecutions(client, tableName, startedBefore),
    progress: createProgressStore(client, tableName),
    close() {
      client.destroy();
      changeWriter.destroy();
      executionReader.close();
    },
  };
}
