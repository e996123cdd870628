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
 * One client for each kind of call, each with its own connections, so that sync executions in flight
 * do not delay other calls.
 */
export interface StepFunctionsClients {
  /** StartExecution and StopExecution, with retries, since both are safe to repeat. */
  readonly start: SFNClient;
  /** StartSyncExecution: takes as long as the workflow, and starts it at most once. */
  readonly sync: SFNClient;
  /** Describe and history calls, with one attempt, since each attempt counts against a quota. */
  readonly status: SFNClient;
  destroy(): void;
}

const maxAttempts = 3;
const connectTimeoutMilliseconds = 3000;

type ClientSettings = Pick<Settings, 'region' | 'endpoint' | 'stepFunctionsTimeoutSeconds'>;

/** Creates the clients. They open no connection before the first call. */
export function createStepFunctionsClients(
  settings: ClientSettings,
  onCall: CallObserver,
  tracing?: Tracing,
): StepFunctionsClients {
  const common: SFNClientConfig = {
    region: settings.region,
    // Resolve the middleware stack once instead of for every call.
    cacheMiddleware: true,
    ...(settings.endpoint === undefined
      ? {}
      : {
          endpoint: settings.endpoint,
          // Otherwise StartSyncExecution goes to `sync-<host>`, which only AWS's endpoints have.
          disableHostPrefix: true,
        }),
  };
  // undici accepts whole milliseconds only.
  const timeout = Math.ceil(settings.stepFunctionsTimeoutSeconds * 1000);
  const connect = createConnector(connectTimeoutMilliseconds);
  const shortCalls = { connect, headersTimeout: timeout, bodyTimeout: timeout };
  const start = new SFNClient({
    ...common,
    retryStrategy: new RepeatableRetryStrategy({ maxAttempts }),
    requestHandler: new HttpHandler(shortCalls),
  });
  // All clients share one credential provider, so that credentials are fetched and renewed once.
  const { credentials } = start.config;
  const sync = new SFNClient({
    ...common,
    credentials,
    retryStrategy: new AtMostOnceRetryStrategy({ maxAttempts }),
    // Without undici's default timeout, which at 300 s would race with the longest Express execution.
    // sync-executions.ts enforces the deadline.
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
