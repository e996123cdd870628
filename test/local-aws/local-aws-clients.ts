import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  type StateMachineType,
} from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { type LocalAwsOptions, startLocalAws } from '../../src/local-aws/local-aws.ts';
import type { Json } from '../../src/local-aws/states-language/execution.ts';

const port = { port: 0, variable: 'LOCAL_TEST_PORT' };
export const freePorts = { stepFunctions: port, dynamoDb: port, sqs: port, apiGateway: port };

/** Starts local AWS on free ports, with SDK clients for it. */
export async function startWithClients(options: Omit<LocalAwsOptions, 'ports'> = {}) {
  const aws = await startLocalAws({ ports: freePorts, ...options });
  const client = (endpoint: string) => ({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  const stepFunctions = new SFNClient({ ...client(aws.stepFunctionsUrl), disableHostPrefix: true });
  const dynamoDb = new DynamoDBClient(client(aws.dynamoDbUrl));
  const sqs = new SQSClient(client(aws.sqsUrl));
  return {
    aws,
    /** The queue to which the workflow announces users. */
    queueUrl: aws.queueUrls.get('UserOnboardedQueue') ?? '',
    stepFunctions,
    dynamoDb,
    sqs,
    /** Creates a state machine that starts with the first of its states. Returns its ARN. */
    async createStateMachine(
      name: string,
      states: Readonly<Record<string, Json>>,
      type: StateMachineType = 'STANDARD',
    ): Promise<string> {
      const { stateMachineArn = '' } = await stepFunctions.send(
        new CreateStateMachineCommand({
          name,
          type,
          definition: definition(states),
          roleArn: 'arn:aws:iam::123456789012:role/test',
        }),
      );
      return stateMachineArn;
    },
    /** Polls a Standard execution until it has ended. Returns its description. */
    async waitForEnd(executionArn: string | undefined) {
      for (;;) {
        const described = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
        if (described.status !== 'RUNNING') return described;
      }
    },
    async close() {
      for (const each of [stepFunctions, dynamoDb, sqs]) each.destroy();
      await aws.close();
    },
  };
}

export type LocalAwsWithClients = Awaited<ReturnType<typeof startWithClients>>;

export function definition(states: Readonly<Record<string, Json>>): string {
  const [first] = Object.keys(states);
  return JSON.stringify({ QueryLanguage: 'JSONata', StartAt: first, States: states });
}

/** Workflows of one state. */
export const pass = { Pass: { Type: 'Pass', End: true } };
export const waitAnHour = { Wait: { Type: 'Wait', Seconds: 3600, End: true } };
export const fail = { Fail: { Type: 'Fail', Error: 'Refused', Cause: 'Because.' } };
