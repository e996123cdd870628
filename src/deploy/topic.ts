import type { Stack } from 'aws-cdk-lib';
import { Alias } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Topic as Entry } from '../workflow/resources.ts';
import { nameInStage } from './stage.ts';

/**
 * A topic that takes messages over TLS only, and is encrypted with AWS's own key for SNS, which all
 * that may publish in this account may use. Like any topic of that key, it cannot be published to by
 * AWS services such as EventBridge; see
 * https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 */
export function topic(stack: Stack, id: string, { name }: Entry): Topic {
  return new Topic(stack, id, {
    topicName: nameInStage(stack, name),
    enforceSSL: true,
    masterKey: Alias.fromAliasName(stack, `${id}Key`, 'alias/aws/sns'),
  });
}
