import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Settings } from '../settings.ts';
import type { CallObserver } from './observe-calls.ts';
import type { WorkflowExecutions } from './workflow-executions.ts';

/** In seconds, up to the longest sync execution. */
const durationBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

/** Registers a histogram of calls to Step Functions by operation and outcome. */
export function measureCalls(registry: Registry): CallObserver {
  const calls = new Histogram({
    name: 'step_functions_call_duration_seconds',
    help: 'Duration of calls to Step Functions, including retries',
    labelNames: ['operation', 'outcome'],
    buckets: durationBuckets,
    registers: [registry],
  });
  return ({ operation, outcome, seconds }) => calls.observe({ operation, outcome }, seconds);
}

/** Registers metrics of the executions and their statuses. */
export function measureExecutions(
  registry: Registry,
  { sync, statuses, steps }: Pick<WorkflowExecutions, 'sync' | 'statuses' | 'steps'>,
  {
    maxSyncExecutions,
    describeBurst,
    historyBurst,
  }: Pick<Settings, 'maxSyncExecutions' | 'describeBurst' | 'historyBurst'>,
): void {
  const registers = [registry];
  new Gauge({
    name: 'sync_executions_in_flight',
    help: 'Sync executions in flight',
    registers,
    collect() {
      this.set(sync.inFlight);
    },
  });
  new Gauge({
    name: 'sync_executions_capacity',
    help: 'Limit of sync executions in flight',
    registers,
  }).set(maxSyncExecutions);
  new Counter({
    name: 'sync_executions_outcome_unknown_total',
    help: 'Sync executions that may have run, but whose outcome is unknown: the connection broke, or the call took too long',
    registers,
    collect() {
      this.reset();
      this.inc(sync.unknownOutcomes);
    },
  });
  new Gauge({
    name: 'step_functions_budget_tokens',
    help: 'Calls that can be made now',
    labelNames: ['operation'],
    registers,
    collect() {
      this.set({ operation: 'DescribeExecution' }, statuses.statistics().describeTokens);
      this.set({ operation: 'GetExecutionHistory' }, steps.tokens());
    },
  });
  const bursts = new Gauge({
    name: 'step_functions_budget_burst',
    help: 'Calls that can be made at once with a full budget',
    labelNames: ['operation'],
    registers,
  });
  bursts.set({ operation: 'DescribeExecution' }, describeBurst);
  bursts.set({ operation: 'GetExecutionHistory' }, historyBurst);
  new Counter({
    name: 'status_responses_total',
    help: 'Statuses returned, by source. lastKnown: older than wanted, because neither the table nor the budget had a newer one',
    labelNames: ['source'],
    registers,
    collect() {
      this.reset();
      for (const [source, count] of Object.entries(statuses.statistics().returned)) {
        this.inc({ source }, count);
      }
    },
  });
  new Gauge({
    name: 'status_held_callers',
    help: 'Callers whose responses are held until a status changes',
    registers,
    collect() {
      this.set(statuses.statistics().held);
    },
  });
  new Gauge({
    name: 'status_known_executions',
    help: 'Executions whose status is in memory',
    registers,
    collect() {
      this.set(statuses.statistics().known);
    },
  });
  new Gauge({
    name: 'status_feed_age_seconds',
    help: 'Time since the feed of changes was last read from the status table; 0 while nobody needs it',
    registers,
    collect() {
      this.set(statuses.statistics().feedAgeSeconds);
    },
  });
  new Counter({
    name: 'status_call_failures_total',
    help: 'Failed calls for statuses, except throttled DescribeExecution calls',
    labelNames: ['operation'],
    registers,
    collect() {
      this.reset();
      for (const [operation, count] of Object.entries(statuses.statistics().failures)) {
        this.inc({ operation }, count);
      }
    },
  });
}
