import { Duration, type Stack } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import {
  deadLetterQueueOf,
  type Queue as Entry,
  maxReceiveCount,
} from '../../workflow/resources.ts';
import { nameInStage } from '../stage.ts';

/** Creates a queue and its dead-letter queue. */
export function queueWithDeadLetters(stack: Stack, id: string, { name }: Entry): Queue {
  const queueName = nameInStage(stack, name);
  const secured = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true };
  const deadLetters = new Queue(stack, `${id}DeadLetters`, {
    ...secured,
    queueName: deadLetterQueueOf(queueName),
    // Longer than that of the queue, because the age of a dead letter counts from its first send.
    retentionPeriod: Duration.days(14),
  });
  return new Queue(stack, id, {
    ...secured,
    queueName,
    retentionPeriod: Duration.days(4),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount },
  });
}
