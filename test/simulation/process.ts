import type { Clock } from '../../src/clock.ts';
import { defaultLimits } from '../../src/http/event-stream.ts';
import { createOpenStreams, type OpenStreams } from '../../src/http/open-streams.ts';
import { readSettings } from '../../src/settings.ts';
import {
  createWorkflowExecutions,
  type WorkflowExecutions,
} from '../../src/step-functions/workflow-executions.ts';
import { createQuota } from '../execution-statuses/simulated-step-functions.ts';
import { expressArn, standardArn } from '../support/step-functions-stub/executions.ts';
import { type Aws, quota, tableName } from './aws.ts';
import { createClients } from './clients.ts';
import { createMachine } from './machine.ts';

/** The share of reconcile-statuses in the quota of DescribeExecution, calls a second. */
const reconcileRate = 3;
export const syncTimeoutSeconds = 30;

/** A running process of the service. */
export interface Process {
  readonly name: string;
  readonly executions: WorkflowExecutions;
  readonly streams: OpenStreams;
  readonly clock: Clock;
  /** Abort when the process crashes, and when it begins to stop. */
  readonly crashed: AbortSignal;
  readonly stopping: AbortSignal;
  crash(): void;
  /** Stops the process as SIGTERM does. `untilIdle` resolves once its requests have their responses. */
  stop(untilIdle: Promise<unknown>): Promise<void>;
  /** The number of its pending timers. */
  timers(): number;
  /** The number of its DescribeExecution calls beyond its budget. */
  beyondBudget(): number;
  /** When it last sent a query for the feed. */
  queriedAt(): number;
}

/**
 * @param options.onDescribe called when the process calls DescribeExecution
 * @param options.onGone called when the process crashes or begins to stop
 */
export function createProcess(
  aws: Aws,
  name: string,
  options: { onDescribe(executionArn: string): void; onGone(): void },
): Process {
  const { clock, choices, weather, ahead } = aws;
  const { onDescribe, onGone } = options;
  const isCrowded = weather.crowd > 0;
  const rate = isCrowded ? 0.2 : (quota.rate - reconcileRate) / weather.processes;
  const burst = isCrowded ? 3 : Math.floor(100 / weather.processes);
  const admit = createQuota(clock, { rate, burst });
  const stopping = new AbortController();
  let beyondBudget = 0;
  let queriedAt = 0;
  const machine = createMachine({ clock, choices, ahead: ahead(), onCrash: onGone });
  const connections = createClients(aws, machine, {
    describe(executionArn) {
      if (!admit()) beyondBudget += 1;
      onDescribe(executionArn);
    },
    query() {
      queriedAt = clock.now();
    },
  });
  const settings = readSettings({
    STEP_FUNCTIONS_WORKFLOW_ARN: standardArn,
    STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS: expressArn,
    STATUS_TABLE: weather.hasTable ? tableName : undefined,
    DESCRIBE_RATE: String(rate),
    DESCRIBE_BURST: String(burst),
    MAX_SYNC_EXECUTIONS: String(weather.syncCapacity),
    SYNC_TIMEOUT_SECONDS: String(syncTimeoutSeconds),
  });
  const executions = createWorkflowExecutions(settings, connections, {
    onFailure: () => undefined,
    clock: machine.clock,
  });
  return {
    name,
    executions,
    streams: createOpenStreams(defaultLimits, machine.clock, choices.random),
    clock: machine.clock,
    crashed: machine.crashed,
    stopping: stopping.signal,
    crash: machine.crash,
    async stop(untilIdle) {
      stopping.abort();
      onGone();
      executions.release();
      await untilIdle;
      await executions.close();
    },
    timers: machine.timers,
    beyondBudget: () => beyondBudget,
    queriedAt: () => queriedAt,
  };
}

/** The result of a call, which rejects if the process crashes. */
export async function unlessCrashed<T>({ crashed }: Process, call: Promise<T>): Promise<T> {
  const gone = Promise.withResolvers<never>();
  const lose = () => gone.reject(crashed.reason);
  if (crashed.aborted) lose();
  crashed.addEventListener('abort', lose);
  try {
    return await Promise.race([call, gone.promise]);
  } finally {
    crashed.removeEventListener('abort', lose);
  }
}
