/**
 * The tables, functions, queues and topics that the workflow uses. One entry is all that another one
 * takes: local AWS creates it, the stack deploys it, and the definition refers to it as `${Name}`,
 * which is filled in as a table's name, a function's ARN, a queue's URL or a topic's ARN.
 *
 * A `name` is the one in AWS. Stages other than the default append theirs.
 */
export const tables = {
  UsersTable: { name: 'user-onboarding', partitionKey: 'PK', sortKey: 'SK' },
} satisfies Record<string, Table>;

export const functions = {
  ApplyReferral: {
    name: 'user-onboarding-apply-referral',
    module: 'src/functions/apply-referral.ts',
  },
} satisfies Record<string, LambdaFunction>;

/** Each has a dead-letter queue. */
export const queues = {
  UserOnboardedQueue: { name: 'user-onboarded' },
} satisfies Record<string, Queue>;

export const topics: Readonly<Record<string, Topic>> = {};

export const resources: Resources = { tables, functions, queues, topics };

/** What a workflow uses, by the names that its definition has for it. */
export interface Resources {
  readonly tables: Readonly<Record<string, Table>>;
  readonly functions: Readonly<Record<string, LambdaFunction>>;
  readonly queues: Readonly<Record<string, Queue>>;
  readonly topics: Readonly<Record<string, Topic>>;
}

export interface Table {
  readonly name: string;
  /** Keys are strings. */
  readonly partitionKey: string;
  readonly sortKey?: string;
}

export interface LambdaFunction {
  readonly name: string;
  /** The file that exports `handler`, by its path from the root of the project. */
  readonly module: string;
}

export interface Queue {
  readonly name: string;
}

/** An SNS topic; who subscribes to it is not said here. */
export interface Topic {
  readonly name: string;
}

/** A message that was received this many times and is still there is a dead letter. */
export const maxReceiveCount = 5;

/** The name of the queue for a queue's dead letters. */
export function deadLetterQueueOf(queueName: string): string {
  return `${queueName}-dead-letters`;
}
