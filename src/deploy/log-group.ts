import { RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';

/**
 * Creates a log group that keeps logs for a month and is deleted with its stack. Logs contain no
 * personal data and nothing that is needed later.
 *
 * @param logGroupName starts with `/aws/vendedlogs/` if an AWS service writes to it. Otherwise each
 *   log group adds to a resource policy of CloudWatch Logs that is limited to 5,120 characters
 *   (https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html)
 */
export function logGroup(stack: Stack, id: string, logGroupName: string): LogGroup {
  return new LogGroup(stack, id, {
    logGroupName,
    retention: RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  });
}
