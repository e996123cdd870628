import { systemClock } from '../clock.ts';
import { createFunctionClients, type FunctionClients } from './statuses/function-clients.ts';
import { log, loggable } from './statuses/log.ts';
import { reconcile } from './statuses/reconciliation.ts';
import { readFunctionSettings } from './statuses/settings.ts';

/** The part of Lambda's context object that is used here. */
interface Invocation {
  getRemainingTimeInMillis(): number;
}

/** Time to finish after the run has stopped starting new work. */
const reserveMilliseconds = 10_000;
const runMilliseconds = 50_000;

// Reused by later invocations.
let clients: FunctionClients | undefined;

/**
 * The Lambda function that runs once a minute and recovers lost events.
 *
 * @throws the first failure, at the end of the run, so that Lambda counts an error
 */
export async function handler(_event?: unknown, invocation?: Invocation): Promise<void> {
  const settings = readFunctionSettings();
  const stateMachine = settings.STEP_FUNCTIONS_WORKFLOW_ARN;
  clients ??= createFunctionClients(settings.STATUS_TABLE);
  const remaining = invocation?.getRemainingTimeInMillis() ?? Number.POSITIVE_INFINITY;
  const until = systemClock.epoch() + Math.min(runMilliseconds, remaining - reserveMilliseconds);
  const { recovered, forgotten, left, failure } = await reconcile(clients, {
    stateMachine,
    clock: systemClock,
    until,
  });
  log({
    StateMachine: stateMachine.name,
    EventsRecovered: recovered,
    ExecutionsForgotten: forgotten,
    ExecutionsLeft: left,
    ...(failure === undefined ? {} : { err: loggable(failure) }),
    // CloudWatch's embedded metric format: CloudWatch extracts these members as metrics.
    _aws: {
      Timestamp: systemClock.epoch(),
      CloudWatchMetrics: [
        {
          Namespace: 'UserOnboarding',
          Dimensions: [['StateMachine']],
          Metrics: ['EventsRecovered', 'ExecutionsForgotten', 'ExecutionsLeft'].map((Name) => ({
            Name,
            Unit: 'Count',
          })),
        },
      ],
    },
  });
  if (failure !== undefined) throw failure;
}
