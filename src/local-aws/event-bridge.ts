import { randomUUID } from 'node:crypto';
import type { Clock } from './states-language/execution.ts';
import { accountId, region } from './step-functions/arns.ts';
import type { ExecutionEnd, StartedExecution } from './step-functions/execution-store.ts';
import type { Executions } from './step-functions/executions.ts';

export interface EventRule {
  /** Whose executions the rule matches. */
  readonly stateMachineArn: string;
  /** The function that is the rule's target. */
  target(event: StatusChangeEvent): Promise<void>;
  /** Called with an event that the target has refused for the last time, and its last error. */
  onDeadLetter(event: StatusChangeEvent, error: unknown): void;
}

export type StatusChangeEvent = ReturnType<typeof statusChangeEvent>;

/** As Lambda repeats an asynchronous invocation: twice. Its minutes are seconds here. */
const retryAfterMilliseconds = [1000, 2000];
/** A burst of ends waits here, and not at the sockets of the target's clients. */
const mostDeliveries = 20;
/** An event comes without the output if that is larger, and without the input if both are. */
const mostDataBytes = 248 * 1024;

/**
 * Sends the event of every status change of a Standard state machine, as EventBridge does.
 *
 * @returns a function that ends it, with what is on its way
 */
export function startEventBridge(
  executions: Executions,
  rule: EventRule,
  clock: Clock,
): () => void {
  const closing = new AbortController();
  const waiting: StatusChangeEvent[] = [];
  let deliveries = 0;

  async function deliver(event: StatusChangeEvent): Promise<void> {
    for (const milliseconds of [...retryAfterMilliseconds, undefined]) {
      try {
        // A copy, as an event is JSON on its way.
        await rule.target(structuredClone(event));
        return;
      } catch (error) {
        if (milliseconds === undefined) rule.onDeadLetter(event, error);
        else await clock.sleep(milliseconds, closing.signal);
      }
    }
  }

  function send(execution: StartedExecution, end?: ExecutionEnd): void {
    const { arn, type } = execution.stateMachine;
    if (type !== 'STANDARD' || arn !== rule.stateMachineArn) return;
    waiting.push(statusChangeEvent(execution, end, new Date(clock.now())));
    if (deliveries < mostDeliveries) void deliverWaiting();
  }

  async function deliverWaiting(): Promise<void> {
    deliveries += 1;
    try {
      for (let event = waiting.shift(); event; event = waiting.shift()) await deliver(event);
    } catch (error) {
      if (!closing.signal.aborted) throw error;
    } finally {
      deliveries -= 1;
    }
  }

  const unsubscribe = executions.subscribe({ started: send, ended: send });
  return () => {
    unsubscribe();
    waiting.length = 0;
    closing.abort();
  };
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html */
function statusChangeEvent(execution: StartedExecution, end: ExecutionEnd | undefined, time: Date) {
  const { arn, name, stateMachine, input, startDate } = execution;
  const status = end?.status ?? 'RUNNING';
  const output = end?.output;
  const isOutputIncluded = output === undefined || escapedBytes(output) <= mostDataBytes;
  const isInputIncluded = escapedBytes(input) + escapedBytes(output ?? '') <= mostDataBytes;
  const isRedrivable = status !== 'RUNNING' && status !== 'SUCCEEDED';
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Step Functions Execution Status Change',
    source: 'aws.states',
    account: accountId,
    time: `${time.toISOString().slice(0, 19)}Z`,
    region,
    resources: [arn],
    detail: {
      executionArn: arn,
      stateMachineArn: stateMachine.arn,
      name,
      status,
      startDate: startDate.getTime(),
      stopDate: end?.stopDate.getTime() ?? null,
      input: isInputIncluded ? input : null,
      inputDetails: { included: isInputIncluded },
      output: isOutputIncluded ? (output ?? null) : null,
      outputDetails: output === undefined ? null : { included: isOutputIncluded },
      error: end?.error ?? null,
      cause: end?.cause ?? null,
      stateMachineVersionArn: null,
      stateMachineAliasArn: null,
      redriveCount: 0,
      redriveDate: null,
      redriveStatus: isRedrivable ? 'REDRIVABLE' : 'NOT_REDRIVABLE',
      redriveStatusReason: isRedrivable ? null : `Execution is ${status} and cannot be redriven`,
    },
  };
}

/** As a string in JSON, in which quotes are escaped. */
function escapedBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}
