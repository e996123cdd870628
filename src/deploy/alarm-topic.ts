import { CfnCondition, CfnParameter, Fn, type Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSubscription, Topic } from 'aws-cdk-lib/aws-sns';

/**
 * The topic that a stack's alarms are published to. Whoever gives the parameter `AlarmEmail` has them
 * by e-mail, after confirming it to SNS.
 */
export function alarmTopic(stack: Stack): Topic {
  const email = new CfnParameter(stack, 'AlarmEmail', {
    description: 'An e-mail address that alarms are sent to; empty for none',
    default: '',
    allowedPattern: '^$|^[^@\\s]+@[^@\\s]+$',
  }).valueAsString;
  const topic = new Topic(stack, 'Alarms', {
    topicName: `${stack.stackName}-alarms`,
    enforceSSL: true,
  });
  // A topic with a policy of its own lacks the default, which lets CloudWatch publish.
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
  subscription.cfnOptions.condition = new CfnCondition(stack, 'HasAlarmEmail', {
    expression: Fn.conditionNot(Fn.conditionEquals(email, '')),
  });
  Validations.of(topic).acknowledge({
    id: 'AwsSolutions-SNS2',
    reason:
      'Alarms hold names and numbers. CloudWatch cannot publish with the key of SNS itself, and a key of our own costs more than all alarms.',
  });
  return topic;
}
