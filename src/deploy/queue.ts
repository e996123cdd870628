import { Duration, type Stack } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { deadLetterQueueOf, type Queue as Entry, maxReceiveCount } from '../workflow/resources.ts';
import { nameInStage } from './stage.ts';

/** A queue, and the queue of its dead letters. */
export function queueWithDeadLetters(stack: Stack, id: string, { name }: Entry): Queue {
  const queueName = nameInStage(stack, name);
  const secured = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true };
  const deadLetters = new Queue(stack, `${id}DeadLetters`, {
    ...secured,
    queueName: deadLetterQueueOf(queueName),
    // Longer than the queue's own: a dead letter's age counts from when it was first sent.
    retentionPeriod: Duration.days(14),
  });
  return new Queue(stack, id, {
    ...secured,
    queueName,
    retentionPeriod: Duration.days(4),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount },
  });
}
