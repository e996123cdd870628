import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  StartExecutionCommand,
  StartSyncExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { isRunning } from '../../src/step-functions/execution.ts';
import { createQuota } from '../execution-statuses/simulated-step-functions.ts';
import type { VirtualClock } from '../execution-statuses/virtual-clock.ts';
import { executionArnOf } from '../support/step-functions-stub/executions.ts';
import type { Choices } from './choices.ts';
import { simulateExecutionReader } from './execution-reader.ts';
import { errorOf, type Fault, isCarriedOut, serviceError } from './faults.ts';
import { historyOf } from './history.ts';
import type { StandardExecutions } from './standard-executions.ts';
import { simulateSyncExecutions } from './sync-executions.ts';
import type { Windows } from './windows.ts';

export type StepFunctionsCommand =
  | StartExecutionCommand
  | StartSyncExecutionCommand
  | DescribeExecutionCommand
  | StopExecutionCommand
  | GetExecutionHistoryCommand;

/** The most milliseconds that DescribeExecution and ListExecutions lag. */
export const descriptionLag = 800;
/** The most milliseconds that the response of a slow DescribeExecution takes. */
export const slowDescription = 15_000;

/** The operations of Step Functions on these executions, with quota and latency. */
export function simulateStepFunctions(options: {
  clock: VirtualClock;
  choices: Choices;
  executions: StandardExecutions;
  /** The quota of DescribeExecution. */
  quota: { burst: number; rate: number };
  /** When all calls fail. */
  outages: Windows;
  /** The probability that the response of DescribeExecution is slow. */
  slowDescriptions: number;
  /** The number of executions that ListExecutions returns in a page. */
  listPageSize: number;
}) {
  const { clock, choices, executions, quota, outages, slowDescriptions, listPageSize } = options;
  const syncExecutions = simulateSyncExecutions(clock, choices);
  const admit = createQuota(clock, quota);
  const counts = { describes: 0, throttled: 0 };

  const leg = () => clock.sleep(choices.whole(2, 60));
  const seenAt = () => clock.now() - choices.whole(0, descriptionLag);
  const outageFault = (): Fault | undefined =>
    outages.isOpen(clock.now())
      ? choices.pick([
          'not-connected',
          'failed-before',
          'failed-after',
          'lost-before',
          'lost-after',
        ])
      : undefined;

  async function start({ name = '', input = '' }: StartExecutionCommand['input']) {
    const executionArn = executionArnOf(name);
    const execution = executions.last(executionArn);
    if (execution === undefined) executions.start(name, input);
    else if (!isRunning(execution) || executions.inputs.get(executionArn) !== input) {
      throw serviceError('ExecutionAlreadyExists');
    }
    // Sometimes the response arrives seconds late, after the execution has ended.
    if (choices.chance(0.2)) await clock.sleep(choices.whole(500, 15_000));
    return { executionArn, startDate: executions.last(executionArn)?.startDate, $metadata: {} };
  }

  function stop({ executionArn = '', error, cause }: StopExecutionCommand['input']) {
    if (!executions.last(executionArn)) throw serviceError('ExecutionDoesNotExist');
    executions.end(executionArn, 'ABORTED', { error, cause });
    return { stopDate: executions.last(executionArn)?.stopDate, $metadata: {} };
  }

  async function describe({ executionArn = '' }: DescribeExecutionCommand['input']) {
    counts.describes += 1;
    if (!admit()) {
      counts.throttled += 1;
      throw serviceError('ThrottlingException');
    }
    const execution = executions.stateAt(executionArn, seenAt());
    if (execution === undefined) throw serviceError('ExecutionDoesNotExist');
    if (choices.chance(slowDescriptions)) await clock.sleep(choices.whole(500, slowDescription));
    return { ...execution, input: executions.inputs.get(executionArn), $metadata: {} };
  }

  function carryOut(command: StepFunctionsCommand): unknown {
    if (command instanceof StartExecutionCommand) return start(command.input);
    if (command instanceof StopExecutionCommand) return stop(command.input);
    if (command instanceof DescribeExecutionCommand) return describe(command.input);
    if (command instanceof GetExecutionHistoryCommand) {
      return historyOf(executions.states.get(command.input.executionArn ?? '') ?? [], seenAt());
    }
    throw new Error('This operation is not simulated.');
  }

  /** One attempt of a call, from sending it to its response. */
  async function call(command: StepFunctionsCommand, fault: Fault | undefined): Promise<unknown> {
    await leg();
    const failing = outageFault() ?? fault;
    if (failing === 'not-connected') throw errorOf(failing);
    let response: unknown;
    if (command instanceof StartSyncExecutionCommand) {
      const { execution, endsAt } = syncExecutions.receive(command.input.input ?? '', failing);
      await clock.sleep(endsAt - clock.now());
      response = { ...execution, $metadata: { requestId: execution?.awsRequestId } };
    } else if (isCarriedOut(failing)) response = await carryOut(command);
    await leg();
    if (failing) throw errorOf(failing);
    return response;
  }

  return {
    counts,
    executionReader: simulateExecutionReader({
      clock,
      executions,
      outages,
      pageSize: listPageSize,
      admit,
      leg,
      seenAt,
    }),
    call,
    /** The received calls of StartSyncExecution. */
    received: syncExecutions.received,
    /** Takes tokens of DescribeExecution, as another program of the account does. */
    useUp(calls: number): void {
      for (let i = 0; i < calls; i += 1) admit();
    },
  };
}
