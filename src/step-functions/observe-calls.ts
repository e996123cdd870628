import type { SFNClient } from '@aws-sdk/client-sfn';
import { failureOf, type StepFunctionsFailure } from './errors.ts';

/** One call to Step Functions, whether the SDK attempted it once or several times. */
export interface Call {
  /** As the API names it, like `StartExecution`. */
  readonly operation: string;
  readonly outcome: 'ok' | StepFunctionsFailure;
  readonly seconds: number;
}

export type CallObserver = (call: Call) => void;

/** Reports every call of the client once it has come to its outcome. */
export function observeCalls(client: SFNClient, observe: CallObserver): void {
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (request) => {
        const began = performance.now();
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
            seconds: (performance.now() - began) / 1000,
          });
        }
      },
    { step: 'initialize', priority: 'high', name: 'observeCalls' },
  );
}
