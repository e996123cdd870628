/**
 * The tables, functions and queues that the workflow uses. One entry is all that another one takes:
 * local AWS creates it, the stack deploys it, and the definition refers to it as `${Name}`, which is
 * filled in as a table's name, a function's ARN or a queue's URL.
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

/** A message that was received this many times and is still there is a dead letter. */
export const maxReceiveCount = 5;

/** The name of the queue for a queue's dead letters. */
export function deadLetterQueueOf(queueName: string): string {
  return `${queueName}-dead-letters`;
}
