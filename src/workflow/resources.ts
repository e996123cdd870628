/**
 * The tables, functions, queues and topics that the workflow uses. To add a resource, add an entry:
 * local AWS creates it, and the stack deploys it. The definition refers to it as `${Name}`, which
 * becomes the name of a table, the ARN of a function, the URL of a queue or the ARN of a topic.
 *
 * `name` is the name in AWS. A stage other than the default puts its own name in front.
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

/** The resources of a workflow, keyed by the names that its definition uses. */
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
  /** The path of the file that exports `handler`, from the root of the project. */
  readonly module: string;
}

export interface Queue {
  readonly name: string;
}

/** An SNS topic. Its subscriptions are not part of the workflow. */
export interface Topic {
  readonly name: string;
}

/** A message received this many times without being deleted moves to the dead-letter queue. */
export const maxReceiveCount = 5;

/** Returns the name of the dead-letter queue of a queue. */
export function deadLetterQueueOf(queueName: string): string {
  return `${queueName}-dead-letters`;
}
