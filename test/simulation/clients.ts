import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { StandardRetryStrategy } from '@smithy/core/retry';
import { AtMostOnceRetryStrategy } from '../../src/step-functions/at-most-once-retry-strategy.ts';
import { noteAttempt } from '../../src/step-functions/http-handler.ts';
import { RepeatableRetryStrategy } from '../../src/step-functions/repeatable-retry-strategy.ts';
import type { ServiceClients } from '../../src/step-functions/service-clients.ts';
import type { DynamoDbCommand } from '../support/simulated-dynamodb.ts';
import { attempts, untilAborted, within, withoutPauses } from './attempts.ts';
import { type Aws, tableName } from './aws.ts';
import { errorOf, type Fault, isCarriedOut, planFaults } from './faults.ts';
import type { Machine } from './machine.ts';
import type { StepFunctionsCommand } from './step-functions.ts';

const repeatable = { maxAttempts: 3, backoff: withoutPauses };
/** Longer than the default, so that a response may be late. */
const timeoutMilliseconds = 20_000;
const tableTimeoutMilliseconds = 1000;

type Options = { abortSignal?: AbortSignal };

/**
 * The AWS clients of one process, with `send` replaced: production's retry strategies and timeouts,
 * on a network that loses calls and responses.
 *
 * @param on called before DescribeExecution, and Query, are sent
 */
export function createClients(
  { clock, choices, weather, stepFunctions, dynamoDb }: Aws,
  machine: Machine,
  on: { describe(executionArn: string): void; query(): void },
): ServiceClients {
  const pause = () => clock.sleep(choices.whole(1, 200));

  function clientOf(
    strategy: StandardRetryStrategy,
    timeout: number,
    plan: () => ReturnType<typeof planFaults>,
  ): SFNClient {
    async function send(command: StepFunctionsCommand, { abortSignal }: Options = {}) {
      const crashes = isChange(command) ? weather.crashes : 0;
      const faultOf = plan();
      const attempt = (count: number) =>
        machine.send(crashes, () => {
          noteAttempt(abortSignal);
          if (command instanceof DescribeExecutionCommand) {
            on.describe(command.input.executionArn ?? '');
          }
          return within(clock, timeout, stepFunctions.call(command, faultOf(count)));
        });
      return untilAborted(abortSignal, attempts(strategy, attempt, pause));
    }
    return Object.assign(new SFNClient({ region: 'us-east-1' }), { send });
  }

  async function sendToTable(command: DynamoDbCommand, fault: Fault | undefined) {
    const isSent = isCarriedOut(fault);
    const response = isSent ? await dynamoDb.send(command) : await pause();
    if (fault) throw errorOf(fault);
    return response;
  }

  function tableClient(): DynamoDBClient {
    const strategy = new StandardRetryStrategy({ maxAttempts: 2, backoff: withoutPauses });
    async function send(command: DynamoDbCommand, { abortSignal }: Options = {}) {
      if (command instanceof QueryCommand) on.query();
      const crashes = isChange(command) ? weather.crashes : 0;
      const persistence = isOfKeys(command) ? 0.5 : 0;
      const faultOf = planFaults(choices, weather.faults, persistence);
      const attempt = (count: number) =>
        machine.send(crashes, () =>
          within(clock, tableTimeoutMilliseconds, sendToTable(command, faultOf(count))),
        );
      return untilAborted(abortSignal, attempts(strategy, attempt, pause));
    }
    return Object.assign(new DynamoDBClient({ region: 'us-east-1' }), { send });
  }

  return {
    stepFunctions: {
      start: clientOf(new RepeatableRetryStrategy(repeatable), timeoutMilliseconds, () =>
        planFaults(choices, weather.faults),
      ),
      sync: clientOf(new AtMostOnceRetryStrategy(repeatable), 10 * 60_000, () =>
        planFaults(choices, weather.syncFaults, 0.5),
      ),
      status: clientOf(
        new StandardRetryStrategy({ maxAttempts: 1, backoff: withoutPauses }),
        timeoutMilliseconds,
        () => planFaults(choices, 0),
      ),
      destroy: () => undefined,
    },
    table: weather.hasTable ? { client: tableClient(), name: tableName } : undefined,
  };
}

function isChange(command: object): boolean {
  return !/^(?:BatchGet|Get|Query|Describe)/.test(command.constructor.name);
}

/** Whether the command is for keys, whose code handles calls that fail at every attempt. */
function isOfKeys(command: object): boolean {
  return !/^(?:BatchGet|Query)/.test(command.constructor.name);
}
