import { SFNClient, type SFNClientConfig } from '@aws-sdk/client-sfn';
import type { Settings } from '../settings.ts';
import type { Tracing } from '../tracing/tracing.ts';
import { AtMostOnceRetryStrategy } from './at-most-once-retry-strategy.ts';
import { createConnector } from './connector.ts';
import { makeFast } from './fast-client/fast-client.ts';
import { HttpHandler } from './http-handler.ts';
import { type CallObserver, observeCalls } from './observe-calls.ts';
import { RepeatableRetryStrategy } from './repeatable-retry-strategy.ts';

/**
 * One client for each kind of call, each with its own connections, so that waiting sync executions
 * never hold up a start or a status.
 */
export interface StepFunctionsClients {
  /** StartExecution: retried, which the execution's name makes safe. */
  readonly start: SFNClient;
  /** StartSyncExecution: takes as long as the workflow, and runs it at most once. */
  readonly sync: SFNClient;
  /** DescribeExecution and DescribeStateMachine: one attempt, as each one counts. */
  readonly status: SFNClient;
  destroy(): void;
}

const maxAttempts = 3;
const connectTimeoutMilliseconds = 3000;

type ClientSettings = Pick<Settings, 'region' | 'endpoint' | 'stepFunctionsTimeoutSeconds'>;

/** Sends nothing and opens no connection before the first call. */
export function createStepFunctionsClients(
  settings: ClientSettings,
  onCall: CallObserver,
  tracing?: Tracing,
): StepFunctionsClients {
  const common: SFNClientConfig = {
    region: settings.region,
    // Resolves the middleware stack once instead of at every call.
    cacheMiddleware: true,
    ...(settings.endpoint === undefined
      ? {}
      : {
          endpoint: settings.endpoint,
          // Otherwise the SDK calls `sync-<host>`, which only AWS's own endpoints have.
          disableHostPrefix: true,
        }),
  };
  // undici takes whole milliseconds only.
  const timeout = Math.ceil(settings.stepFunctionsTimeoutSeconds * 1000);
  const connect = createConnector(connectTimeoutMilliseconds);
  const shortCalls = { connect, headersTimeout: timeout, bodyTimeout: timeout };
  const start = new SFNClient({
    ...common,
    retryStrategy: new RepeatableRetryStrategy({ maxAttempts }),
    requestHandler: new HttpHandler(shortCalls),
  });
  // One provider for all three, so that credentials are fetched and renewed once.
  const { credentials } = start.config;
  const sync = new SFNClient({
    ...common,
    credentials,
    retryStrategy: new AtMostOnceRetryStrategy({ maxAttempts }),
    // undici's default of 300 s is as long as the longest Express execution. The deadline is in
    // sync-executions.ts.
    requestHandler: new HttpHandler({ connect, headersTimeout: 0, bodyTimeout: 0 }),
  });
  const status = new SFNClient({
    ...common,
    credentials,
    maxAttempts: 1,
    requestHandler: new HttpHandler(shortCalls),
  });
  for (const client of [start, sync, status]) {
    makeFast(client);
    observeCalls(client, onCall);
    tracing?.traceCalls(client);
  }
  return {
    start,
    sync,
    status,
    destroy() {
      for (const client of [start, sync, status]) client.destroy();
    },
  };
}
