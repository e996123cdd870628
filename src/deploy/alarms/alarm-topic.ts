import { CfnParameter, type Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSubscription, Topic } from 'aws-cdk-lib/aws-sns';
import { isSet } from '../stack-parameters.ts';

/**
 * Creates the topic for the alarms of a stack. The address in the parameter `AlarmEmail` gets them by
 * e-mail, after its owner has confirmed the subscription.
 */
export function alarmTopic(stack: Stack): Topic {
  const email = new CfnParameter(stack, 'AlarmEmail', {
    description: 'The e-mail address that alarms are sent to; empty for none',
    default: '',
    allowedPattern: '^$|^[^@\\s]+@[^@\\s]+$',
  }).valueAsString;
  const topic = new Topic(stack, 'Alarms', {
    topicName: `${stack.stackName}-alarms`,
    enforceSSL: true,
  });
  // This policy replaces the default policy, which would let CloudWatch publish.
  topic.addToResourcePolicy(
    new PolicyStatement({
      actions: ['sns:Publish'],
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      resources: [topic.topicArn],
      conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
    }),
  );
  const subscription = new CfnSubscription(stack, 'AlarmSubscription', {
    topicArn: topic.topicArn,
    protocol: 'email',
    endpoint: email,
  });
  subscription.cfnOptions.condition = isSet(stack, 'HasAlarmEmail', email);
  Validations.of(topic).acknowledge({
    id: 'AwsSolutions-SNS2',
    reason:
      'Alarms contain names and numbers only. CloudWatch cannot publish to a topic with the AWS managed key, and a customer managed key costs more than all alarms.',
  });
  return topic;
}
