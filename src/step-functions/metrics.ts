import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Settings } from '../settings.ts';
import type { Executions } from './executions.ts';
import type { CallObserver } from './observe-calls.ts';

/** Up to the longest sync execution. */
const durationBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

/** Puts every call to Step Functions into the registry, by its operation and outcome. */
export function measureCalls(registry: Registry): CallObserver {
  const calls = new Histogram({
    name: 'step_functions_call_duration_seconds',
    help: 'Time from a call to its outcome, its retries included',
    labelNames: ['operation', 'outcome'],
    buckets: durationBuckets,
    registers: [registry],
  });
  return ({ operation, outcome, seconds }) => calls.observe({ operation, outcome }, seconds);
}

/** Puts what the executions say of themselves into the registry, whenever it is read. */
export function measureExecutions(
  registry: Registry,
  { sync, statuses, steps }: Pick<Executions, 'sync' | 'statuses' | 'steps'>,
  {
    maxSyncExecutions,
    describeBurst,
    historyBurst,
  }: Pick<Settings, 'maxSyncExecutions' | 'describeBurst' | 'historyBurst'>,
): void {
  const registers = [registry];
  new Gauge({
    name: 'sync_executions_in_flight',
    help: 'Sync executions that are waited for',
    registers,
    collect() {
      this.set(sync.inFlight);
    },
  });
  new Gauge({
    name: 'sync_executions_capacity',
    help: 'Sync executions that may be waited for at once',
    registers,
  }).set(maxSyncExecutions);
  new Gauge({
    name: 'step_functions_budget_tokens',
    help: 'Calls that can be made at this moment',
    labelNames: ['operation'],
    registers,
    collect() {
      this.set({ operation: 'DescribeExecution' }, statuses.statistics().describeTokens);
      this.set({ operation: 'GetExecutionHistory' }, steps.tokens());
    },
  });
  const bursts = new Gauge({
    name: 'step_functions_budget_burst',
    help: 'Calls that can be made at once when none was made for a while',
    labelNames: ['operation'],
    registers,
  });
  bursts.set({ operation: 'DescribeExecution' }, describeBurst);
  bursts.set({ operation: 'GetExecutionHistory' }, historyBurst);
  new Counter({
    name: 'status_responses_total',
    help: 'Statuses by where they came from; lastKnown: older than wanted, for lack of a table and a token',
    labelNames: ['source'],
    registers,
    collect() {
      this.reset();
      for (const [source, count] of Object.entries(statuses.statistics().given)) {
        this.inc({ source }, count);
      }
    },
  });
  new Gauge({
    name: 'status_waiters',
    help: 'Callers whose responses are held for a status',
    registers,
    collect() {
      this.set(statuses.statistics().held);
    },
  });
  new Gauge({
    name: 'status_known_executions',
    help: 'Executions whose status is in memory',
    labelNames: ['state'],
    registers,
    collect() {
      const { running, ended } = statuses.statistics().known;
      this.set({ state: 'running' }, running);
      this.set({ state: 'ended' }, ended);
    },
  });
  new Gauge({
    name: 'status_feed_age_seconds',
    help: 'Time since the feed of changes was last read from the status table; 0 while it is not needed',
    registers,
    collect() {
      this.set(statuses.statistics().feedAgeSeconds);
    },
  });
  new Counter({
    name: 'status_call_failures_total',
    help: 'Failed calls for statuses, throttled DescribeExecution apart',
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
