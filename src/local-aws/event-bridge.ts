import { randomUUID } from 'node:crypto';
import type { Clock } from './states-language/execution.ts';
import { accountId, region } from './step-functions/arns.ts';
import { redriveStatus } from './step-functions/execution-responses.ts';
import type { ExecutionEnd, StartedExecution } from './step-functions/execution-store.ts';
import type { Executions } from './step-functions/executions.ts';

export interface EventRule {
  /** The rule matches the executions of this state machine. */
  readonly stateMachineArn: string;
  /** The target, a Lambda function. */
  target(event: StatusChangeEvent): Promise<void>;
  /** Called when the last attempt to deliver an event failed, with the target's error. */
  onDeadLetter(event: StatusChangeEvent, error: unknown): void;
}

export type StatusChangeEvent = ReturnType<typeof statusChangeEvent>;

/** Lambda retries an asynchronous invocation twice. It waits minutes; here those are seconds. */
const retryDelaysMilliseconds = [1000, 2000];
/** A burst of events queues here rather than at the sockets of the target's clients. */
const maxConcurrentDeliveries = 20;
/** The event leaves out the output if it is larger than this, and the input if both together are. */
const maxDataBytes = 248 * 1024;

/**
 * Delivers an event to the rule's target for every status change of a Standard execution, as
 * EventBridge does.
 *
 * @returns a function that stops it and drops the events that are not delivered yet
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
    for (const milliseconds of [...retryDelaysMilliseconds, undefined]) {
      try {
        // A copy: on AWS the event travels as JSON, so the target cannot change ours.
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
    if (deliveries < maxConcurrentDeliveries) void deliverWaiting();
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
  const isOutputIncluded = output === undefined || escapedBytes(output) <= maxDataBytes;
  const isInputIncluded = escapedBytes(input) + escapedBytes(output ?? '') <= maxDataBytes;
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
      redriveStatusReason: null,
      ...redriveStatus(status),
    },
  };
}

/** Returns the size of the text as a JSON string, with its quotes escaped. */
function escapedBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}
