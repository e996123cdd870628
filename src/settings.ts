import { config } from 'dotenv';
import { z } from 'zod';
import {
  type HttpSettings,
  httpConflicts,
  httpSettings,
  httpVariables,
  httpWarnings,
} from './http/settings.ts';
import { parseStateMachineArn, type StateMachineArn } from './step-functions/arns.ts';
import { decimal, whole } from './variables.ts';

/** All settings, read once at the start. */
export interface Settings extends HttpSettings {
  /** The Standard state machine, for executions that the response does not wait for. */
  readonly standard: StateMachineArn;
  /** The Express state machine, for executions that the response waits for. */
  readonly express: StateMachineArn;
  readonly region: string;
  /** A custom Step Functions endpoint; `undefined`: that of AWS. */
  readonly endpoint: string | undefined;
  readonly logLevel: z.infer<typeof logLevel>;
  readonly maxSyncExecutions: number;
  readonly syncTimeoutSeconds: number;
  /** Timeout of one attempt of a call that does not wait for a workflow. */
  readonly stepFunctionsTimeoutSeconds: number;
  /** The name of the status table, and a custom DynamoDB endpoint. */
  readonly statusTable:
    | { readonly name: string; readonly endpoint: string | undefined }
    | undefined;
  /** DescribeExecution calls that this process may make per second (rate) and at once (burst). */
  readonly describeRate: number;
  readonly describeBurst: number;
  /** GetExecutionHistory calls that this process may make per second (rate) and at once (burst). */
  readonly historyRate: number;
  readonly historyBurst: number;
  readonly maxEventStreams: number;
  readonly shutdownDelaySeconds: number;
  readonly shutdownGraceSeconds: number;
  /** A sentence for callers that says how long executions are kept; by default, 90 days as in AWS. */
  readonly executionLifetime?: string;
  /** A warning for each setting whose effect may surprise. */
  readonly warnings: readonly string[];
}

const logLevel = z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']);

const example = 'arn:aws:states:us-east-1:123456789012:stateMachine:user-onboarding';

const stateMachineArn = z.string().transform((text, context) => {
  const parsed = parseStateMachineArn(text);
  if (parsed) return parsed;
  context.issues.push({ code: 'custom', input: text });
  return z.NEVER;
});

/**
 * The environment variables, in the order of the documentation. `title` completes "expected" in
 * error messages. The documentation contains `description` and, for variables without a default
 * value, `unset`: what applies if the variable is not set. `npm run docs` writes it.
 */
export const environmentSchema = z.object({
  STEP_FUNCTIONS_WORKFLOW_ARN: stateMachineArn.meta({
    title: `the ARN of a Standard state machine, like ${example}`,
    description: 'The Standard state machine',
  }),
  STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS: stateMachineArn.meta({
    title: `the ARN of an Express state machine, like ${example}-express`,
    description: 'The Express state machine',
  }),
  AWS_REGION: z.string().optional().meta({
    title: 'the Region of both state machines, or nothing',
    description: 'Must be the Region in the ARNs, if set',
    unset: 'the Region in the ARNs',
  }),
  AWS_ENDPOINT_URL_SFN: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({
      title: 'an http or https URL',
      description: "A custom Step Functions endpoint (the AWS SDK's variable)",
      unset: 'AWS',
    }),
  AWS_ENDPOINT_URL_DYNAMODB: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({
      title: 'an http or https URL',
      description: "A custom DynamoDB endpoint (the AWS SDK's variable)",
      unset: 'AWS',
    }),
  AWS_ENDPOINT_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({
      title: 'an http or https URL',
      description:
        "A custom endpoint for both; the two variables above take precedence (the AWS SDK's variable)",
      unset: 'AWS',
    }),
  ...httpVariables,
  LOG_LEVEL: logLevel.default('info').meta({
    title: `one of ${logLevel.options.join(', ')}`,
    description: 'The lowest level that is logged (pino)',
  }),
  MAX_SYNC_EXECUTIONS: whole(1, 100_000).default(1000).meta({
    title: 'a whole number from 1 to 100000',
    description: 'Limit of sync executions in flight per process',
  }),
  SYNC_TIMEOUT_SECONDS: decimal(0.001, 300).default(300).meta({
    title: 'a number of seconds, more than 0 and at most 300',
    description: 'Longest wait for a sync execution to end',
  }),
  STEP_FUNCTIONS_TIMEOUT_SECONDS: decimal(0.001, 60).default(5).meta({
    title: 'a number of seconds, more than 0 and at most 60',
    description: 'Timeout of any other call to Step Functions, per attempt',
  }),
  STATUS_TABLE: z
    .string()
    // DynamoDB's rule for table names.
    .regex(/^[0-9A-Za-z_.-]{3,255}$/)
    .optional()
    .meta({
      title: 'the name of a DynamoDB table',
      description:
        'The DynamoDB table that statuses are pushed to. Without it every status costs a DescribeExecution call, so `DESCRIBE_RATE` limits how many onboardings per second can be followed to their end',
    }),
  DESCRIBE_RATE: decimal(0.1, 10_000).default(10).meta({
    title: 'a number from 0.1 to 10000',
    description: 'DescribeExecution calls that this process may make per second',
  }),
  DESCRIBE_BURST: whole(1, 10_000).default(50).meta({
    title: 'a whole number from 1 to 10000',
    description: 'DescribeExecution calls that it may make at once',
  }),
  HISTORY_RATE: decimal(0.1, 10_000).default(10).meta({
    title: 'a number from 0.1 to 10000',
    description: 'GetExecutionHistory calls that this process may make per second, for steps',
  }),
  HISTORY_BURST: whole(1, 10_000).default(100).meta({
    title: 'a whole number from 1 to 10000',
    description: 'GetExecutionHistory calls that it may make at once',
  }),
  MAX_EVENT_STREAMS: whole(0, 100_000).default(5000).meta({
    title: 'a whole number from 0 to 100000',
    description: 'Limit of open event streams per process',
  }),
  SHUTDOWN_DELAY_SECONDS: decimal(0, 3600).default(0).meta({
    title: 'a number of seconds from 0 to 3600',
    description:
      'How long a stopping process still accepts connections, while `/health/ready` returns 503. For Kubernetes, which keeps sending requests for some seconds',
  }),
  SHUTDOWN_GRACE_SECONDS: decimal(0, 3600).default(30).meta({
    title: 'a number of seconds from 0 to 3600',
    description: 'How long a stopping process waits for requests to finish, after the delay',
  }),
});

/** The settings are invalid. The message has a line for each wrong variable: what is expected. */
export class InvalidSettings extends Error {
  override readonly name = 'InvalidSettings';
}

/** Returns the environment, completed from the `.env` file in the working directory, if any. */
export function loadEnvironment(): NodeJS.ProcessEnv {
  config({ quiet: true });
  return process.env;
}

/**
 * Reads the settings from environment variables.
 *
 * @throws {InvalidSettings} the message never repeats a value, since it may be a misplaced secret
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  // `PORT=` in a file or a container definition means "not set".
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const result = environmentSchema.safeParse(set);
  if (!result.success) {
    const names = new Set(result.error.issues.map((issue) => String(issue.path[0])));
    const lines = [...names].map((name) => explain(name, name in set));
    const areUnset = [...names].every((name) => !(name in set)) && names.size > 1;
    throw new InvalidSettings([...lines, ...(areUnset ? [howToSet] : [])].join('\n'));
  }
  const variables = result.data;
  const standard = variables.STEP_FUNCTIONS_WORKFLOW_ARN;
  const express = variables.STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS;
  const conflicts = [
    standard.arn === express.arn &&
      'STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS is the same as STEP_FUNCTIONS_WORKFLOW_ARN: expected the ARN of another, Express state machine',
    standard.region !== express.region &&
      'STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS is in another Region: expected the Region of STEP_FUNCTIONS_WORKFLOW_ARN',
    (variables.AWS_REGION ?? standard.region) !== standard.region &&
      'AWS_REGION is not the Region of STEP_FUNCTIONS_WORKFLOW_ARN: expected the Region in the ARN, or nothing',
    ...httpConflicts(variables),
  ].filter((line) => line !== false);
  if (conflicts.length > 0) throw new InvalidSettings(conflicts.join('\n'));
  return {
    standard,
    express,
    region: standard.region,
    endpoint: variables.AWS_ENDPOINT_URL_SFN ?? variables.AWS_ENDPOINT_URL,
    ...httpSettings(variables),
    warnings: [...httpWarnings(variables), ...statusWarnings(variables)],
    logLevel: variables.LOG_LEVEL,
    maxSyncExecutions: variables.MAX_SYNC_EXECUTIONS,
    syncTimeoutSeconds: variables.SYNC_TIMEOUT_SECONDS,
    stepFunctionsTimeoutSeconds: variables.STEP_FUNCTIONS_TIMEOUT_SECONDS,
    statusTable:
      variables.STATUS_TABLE === undefined
        ? undefined
        : {
            name: variables.STATUS_TABLE,
            endpoint: variables.AWS_ENDPOINT_URL_DYNAMODB ?? variables.AWS_ENDPOINT_URL,
          },
    describeRate: variables.DESCRIBE_RATE,
    describeBurst: variables.DESCRIBE_BURST,
    historyRate: variables.HISTORY_RATE,
    historyBurst: variables.HISTORY_BURST,
    maxEventStreams: variables.MAX_EVENT_STREAMS,
    shutdownDelaySeconds: variables.SHUTDOWN_DELAY_SECONDS,
    shutdownGraceSeconds: variables.SHUTDOWN_GRACE_SECONDS,
  };
}

type Variables = z.infer<typeof environmentSchema>;

function statusWarnings({ STATUS_TABLE, DESCRIBE_RATE }: Variables): string[] {
  if (STATUS_TABLE !== undefined) return [];
  return [
    `STATUS_TABLE is not set: every status costs a DescribeExecution call, so this process can report the end of ${DESCRIBE_RATE} executions per second (DESCRIBE_RATE). Set STATUS_TABLE to the name of the status table. Without a table, divide the account's quota among the processes.`,
  ];
}

const howToSet =
  'Copy .env.example to .env and fill it in, or run `npm run dev`, which needs no settings and no AWS.';

function explain(name: string, isSet: boolean): string {
  const schema = Object.entries(environmentSchema.shape).find(([key]) => key === name)?.[1];
  return `${name} is ${isSet ? 'wrong' : 'missing'}: expected ${schema?.meta()?.title}`;
}
