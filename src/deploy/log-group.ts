import { RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';

/**
 * A log group that keeps a month and goes with its stack: logs hold no personal data and nothing
 * that is needed later.
 *
 * @param logGroupName in `/aws/vendedlogs/` where an AWS service writes: outside of it each log
 *   group adds to the one resource policy of CloudWatch Logs, which is full at 5,120 characters
 *   (https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html)
 */
export function logGroup(stack: Stack, id: string, logGroupName: string): LogGroup {
  return new LogGroup(stack, id, {
    logGroupName,
    retention: RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  });
}
