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

/** Everything that can be set, read once at the start. */
export interface Settings extends HttpSettings {
  /** The Standard state machine: started and left to run. */
  readonly standard: StateMachineArn;
  /** The Express state machine: waited for. */
  readonly express: StateMachineArn;
  readonly region: string;
  /** Another Step Functions endpoint than AWS's. */
  readonly endpoint: string | undefined;
  readonly logLevel: z.infer<typeof logLevel>;
  readonly maxSyncExecutions: number;
  readonly syncTimeoutSeconds: number;
  /** Longest wait for the response to a call that does not wait for a workflow. */
  readonly stepFunctionsTimeoutSeconds: number;
  /** The status table's name, and another DynamoDB endpoint than AWS's. */
  readonly statusTable:
    | { readonly name: string; readonly endpoint: string | undefined }
    | undefined;
  /** DescribeExecution calls that this process may make a second, and at once. */
  readonly describeRate: number;
  readonly describeBurst: number;
  /** GetExecutionHistory calls that this process may make a second, and at once. */
  readonly historyRate: number;
  readonly historyBurst: number;
  readonly maxEventStreams: number;
  readonly shutdownDelaySeconds: number;
  readonly shutdownGraceSeconds: number;
  /** How long Step Functions keeps executions, as a sentence for callers; AWS's own by default. */
  readonly executionLifetime?: string;
  /** A line for each setting that does other than one may expect. */
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
 * The variables, in the order in which people look for them. `title` says what a value must be, in
 * error messages. `description` is for documentation, as is `unset`: what applies without the
 * variable where that is no value of its own. `npm run docs:settings` writes that documentation.
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
    description: 'Must agree with the ARNs when given',
    unset: "the ARNs' Region",
  }),
  AWS_ENDPOINT_URL_SFN: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({
      title: 'an http or https URL',
      description: "The AWS SDK's own variable: another Step Functions endpoint",
      unset: 'AWS',
    }),
  AWS_ENDPOINT_URL_DYNAMODB: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({
      title: 'an http or https URL',
      description: "The AWS SDK's own variable: another DynamoDB endpoint",
      unset: 'AWS',
    }),
  AWS_ENDPOINT_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({
      title: 'an http or https URL',
      description: "The AWS SDK's own variable for all of AWS, where those above are not set",
      unset: 'AWS',
    }),
  ...httpVariables,
  LOG_LEVEL: logLevel.default('info').meta({
    title: `one of ${logLevel.options.join(', ')}`,
    description: 'pino level',
  }),
  MAX_SYNC_EXECUTIONS: whole(1, 100_000).default(1000).meta({
    title: 'a whole number from 1 to 100000',
    description: 'Sync executions in flight per process',
  }),
  SYNC_TIMEOUT_SECONDS: decimal(0.001, 300).default(300).meta({
    title: 'a number of seconds, more than 0 and at most 300',
    description: 'Longest wait for a sync response',
  }),
  STEP_FUNCTIONS_TIMEOUT_SECONDS: decimal(0.001, 60).default(5).meta({
    title: 'a number of seconds, more than 0 and at most 60',
    description: 'Longest wait for the response to any other call, per attempt',
  }),
  STATUS_TABLE: z
    .string()
    // DynamoDB's rule for names.
    .regex(/^[0-9A-Za-z_.-]{3,255}$/)
    .optional()
    .meta({
      title: 'the name of a DynamoDB table',
      description:
        'The table that Step Functions pushes statuses to. Without it every status costs a DescribeExecution call, so `DESCRIBE_RATE` limits how many onboardings end a second',
    }),
  DESCRIBE_RATE: decimal(0.1, 10_000).default(10).meta({
    title: 'a number from 0.1 to 10000',
    description: 'DescribeExecution calls a second this process may make',
  }),
  DESCRIBE_BURST: whole(1, 10_000).default(50).meta({
    title: 'a whole number from 1 to 10000',
    description: 'DescribeExecution calls it may make at once',
  }),
  HISTORY_RATE: decimal(0.1, 10_000).default(10).meta({
    title: 'a number from 0.1 to 10000',
    description: 'GetExecutionHistory calls a second this process may make, for steps',
  }),
  HISTORY_BURST: whole(1, 10_000).default(100).meta({
    title: 'a whole number from 1 to 10000',
    description: 'GetExecutionHistory calls it may make at once',
  }),
  MAX_EVENT_STREAMS: whole(0, 100_000).default(5000).meta({
    title: 'a whole number from 0 to 100000',
    description: 'Event streams open at once per process',
  }),
  SHUTDOWN_DELAY_SECONDS: decimal(0, 3600).default(0).meta({
    title: 'a number of seconds from 0 to 3600',
    description:
      'How long a stopping process still accepts connections, while `/health/ready` says 503. For Kubernetes, which goes on sending requests for some seconds',
  }),
  SHUTDOWN_GRACE_SECONDS: decimal(0, 3600).default(30).meta({
    title: 'a number of seconds from 0 to 3600',
    description: 'How long a stopping process lets requests finish, after the delay',
  }),
});

/** Its message has one line per variable that is wrong: name, what is wrong, what is expected. */
export class InvalidSettings extends Error {
  override readonly name = 'InvalidSettings';
}

/** The environment, completed by a `.env` file in the working directory where there is one. */
export function loadEnvironment(): NodeJS.ProcessEnv {
  config({ quiet: true });
  return process.env;
}

/**
 * Never repeats a value in its errors, since it may be a secret that landed in the wrong variable.
 *
 * @throws {InvalidSettings}
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  // `PORT=` in a file or a container's definition means "not set".
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const result = environmentSchema.safeParse(given);
  if (!result.success) {
    const names = new Set(result.error.issues.map((issue) => String(issue.path[0])));
    const lines = [...names].map((name) => explain(name, name in given));
    const isUnset = [...names].every((name) => !(name in given)) && names.size > 1;
    throw new InvalidSettings([...lines, ...(isUnset ? [howToSet] : [])].join('\n'));
  }
  const variables = result.data;
  const standard = variables.STEP_FUNCTIONS_WORKFLOW_ARN;
  const express = variables.STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS;
  const disagreements = [
    standard.arn === express.arn &&
      'STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS is the same as STEP_FUNCTIONS_WORKFLOW_ARN: expected the ARN of an Express state machine of its own',
    standard.region !== express.region &&
      'STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS is in another Region: expected the Region of STEP_FUNCTIONS_WORKFLOW_ARN',
    (variables.AWS_REGION ?? standard.region) !== standard.region &&
      'AWS_REGION does not agree with STEP_FUNCTIONS_WORKFLOW_ARN: expected the Region of its ARN, or nothing',
    ...httpConflicts(variables),
  ].filter((line) => line !== false);
  if (disagreements.length > 0) throw new InvalidSettings(disagreements.join('\n'));
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
    `STATUS_TABLE is not set: every status costs a DescribeExecution call, so this process can report ${DESCRIBE_RATE} ends a second (DESCRIBE_RATE). Set STATUS_TABLE to the status table's name; without one, divide the account's quota among the processes.`,
  ];
}

const howToSet =
  'Copy .env.example to .env and fill it in, or run `npm run dev`, which needs no settings and no AWS.';

function explain(name: string, isGiven: boolean): string {
  const schema = Object.entries(environmentSchema.shape).find(([key]) => key === name)?.[1];
  return `${name} is ${isGiven ? 'wrong' : 'missing'}: expected ${schema?.meta()?.title}`;
}
