import { systemClock } from './statuses/clock.ts';
import { type Connections, connect } from './statuses/connections.ts';
import { log, loggable } from './statuses/log.ts';
import { reconcile } from './statuses/reconciliation.ts';
import { functionSettings, readFunctionSettings } from './statuses/settings.ts';

/** What Lambda passes to a function about its invocation. */
interface Invocation {
  getRemainingTimeInMillis(): number;
}

/** For the run to come to its end once it stops to begin anything. */
const reserveMilliseconds = 10_000;
const runMilliseconds = 50_000;

// Kept from one run to the next.
let connections: Connections | undefined;

/**
 * The Lambda function that runs once a minute and makes up for events that were lost.
 *
 * @throws the first failure of the run, once all else is done, so that it counts as an error
 */
export async function handler(_event?: unknown, invocation?: Invocation): Promise<void> {
  const settings = readFunctionSettings(functionSettings.reconcileStatuses);
  const stateMachine = settings.STEP_FUNCTIONS_WORKFLOW_ARN;
  connections ??= connect(settings.STATUS_TABLE);
  const remaining = invocation?.getRemainingTimeInMillis() ?? Number.POSITIVE_INFINITY;
  const until = systemClock.now() + Math.min(runMilliseconds, remaining - reserveMilliseconds);
  const { madeUpFor, forgotten, left, failure } = await reconcile(connections, {
    stateMachine,
    clock: systemClock,
    until,
  });
  log({
    StateMachine: stateMachine.name,
    EventsMadeUpFor: madeUpFor,
    ExecutionsForgotten: forgotten,
    ExecutionsLeft: left,
    ...(failure === undefined ? {} : { err: loggable(failure) }),
    // CloudWatch's embedded metric format: it makes metrics of these members.
    _aws: {
      Timestamp: systemClock.now(),
      CloudWatchMetrics: [
        {
          Namespace: 'UserOnboarding',
          Dimensions: [['StateMachine']],
          Metrics: ['EventsMadeUpFor', 'ExecutionsForgotten', 'ExecutionsLeft'].map((Name) => ({
            Name,
            Unit: 'Count',
          })),
        },
      ],
    },
  });
  if (failure !== undefined) throw failure;
}
