import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Settings } from '../settings.ts';
import { createStatusTableClient } from '../status-table/status-table-client.ts';
import type { Tracing } from '../tracing/tracing.ts';
import type { CallObserver } from './observe-calls.ts';
import { createStepFunctionsClients, type StepFunctionsClients } from './step-functions-clients.ts';

/** The AWS clients of a process. */
export interface ServiceClients {
  readonly stepFunctions: StepFunctionsClients;
  /** The status table; `undefined` if none is configured. */
  readonly table: { readonly client: DynamoDBClient; readonly name: string } | undefined;
}

/**
 * Creates the clients. They open no connection before the first call.
 *
 * @param onCall called after every call to Step Functions
 */
export function createServiceClients(
  settings: Settings,
  { onCall, tracing }: { onCall: CallObserver; tracing?: Tracing | undefined },
): ServiceClients {
  const { region, statusTable } = settings;
  const stepFunctions = createStepFunctionsClients(settings, onCall, tracing);
  if (statusTable === undefined) return { stepFunctions, table: undefined };
  const { name, endpoint } = statusTable;
  const { credentials } = stepFunctions.status.config;
  const client = createStatusTableClient({ region, endpoint, credentials });
  tracing?.traceCalls(client);
  return { stepFunctions, table: { client, name } };
}
