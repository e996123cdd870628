import type { Stack } from 'aws-cdk-lib';
import { Alias } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Topic as Entry } from '../../workflow/resources.ts';
import { nameInStage } from '../stage.ts';

/**
 * Creates a topic that accepts messages over TLS only. It is encrypted with the AWS managed key for
 * SNS, which all publishers in this account may use. AWS services such as EventBridge cannot publish
 * to a topic with that key: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 */
export function topic(stack: Stack, id: string, { name }: Entry): Topic {
  return new Topic(stack, id, {
    topicName: nameInStage(stack, name),
    enforceSSL: true,
    masterKey: Alias.fromAliasName(stack, `${id}Key`, 'alias/aws/sns'),
  });
}
