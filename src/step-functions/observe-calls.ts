import type { SFNClient } from '@aws-sdk/client-sfn';
import { failureOf, type StepFunctionsFailure } from './errors.ts';

/** One call to Step Functions, including its retries. */
export interface Call {
  /** The name of the API action, like `StartExecution`. */
  readonly operation: string;
  readonly outcome: 'ok' | StepFunctionsFailure;
  readonly seconds: number;
}

export type CallObserver = (call: Call) => void;

/** Calls `observe` after every call of the client. */
export function observeCalls(client: SFNClient, observe: CallObserver): void {
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (request) => {
        const startedAt = performance.now();
        let outcome: Call['outcome'] = 'ok';
        try {
          return await next(request);
        } catch (error) {
          outcome = failureOf(error);
          throw error;
        } finally {
          observe({
            operation: (commandName ?? '').replace(/Command$/, ''),
            outcome,
            seconds: (performance.now() - startedAt) / 1000,
          });
        }
      },
    { step: 'initialize', priority: 'high', name: 'observeCalls' },
  );
}
