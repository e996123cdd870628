import { Duration, Stack } from 'aws-cdk-lib';
import { MathExpression, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { WebFunction } from 'aws-cdk-lib/aws-lambda';
import { FilterPattern, type LogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { alarmTopic } from './alarm-topic.ts';
import { createAlarms } from './alarms.ts';
import { dashboard, graph, requestTable } from './dashboard.ts';

const period = Duration.minutes(5);

/**
 * Creates the alarms and the dashboard of the service as a web function. Lambda's metrics:
 * https://docs.aws.amazon.com/lambda/latest/dg/web-functions-monitoring-metrics.html
 */
export function monitorWebFunction({ webFunctionName }: WebFunction, logs: LogGroup): void {
  const stack = Stack.of(logs);
  const alarms = createAlarms(alarmTopic(stack));
  const serverErrors = new MathExpression({
    expression: `SELECT SUM(HTTPResponseStatusClass5XX) FROM "AWS/Lambda/Web" WHERE FunctionName = '${webFunctionName}'`,
    label: '5xx',
    period,
  });
  const failedStarts = new MetricFilter(stack, 'FailedStartsFilter', {
    logGroup: logs,
    // https://docs.aws.amazon.com/lambda/latest/dg/web-functions-logging-system-log-schema.html
    filterPattern: FilterPattern.all(
      FilterPattern.stringValue('$.type', '=', 'platform.initReport'),
      FilterPattern.stringValue('$.record.status', '!=', 'success'),
    ),
    metricNamespace: 'UserOnboarding',
    metricName: `${stack.stackName}-FailedStarts`,
  }).metric({ statistic: Stats.SUM, period });
  alarms.add('ServerErrors', {
    description: 'At least five responses are 5xx.',
    metric: serverErrors,
    threshold: 5,
  });
  alarms.add('FailedStarts', {
    description: 'The service does not start.',
    metric: failedStarts,
    threshold: 1,
  });
  const measured = new MathExpression({
    expression: `SEARCH('Namespace="AWS/Lambda/Web" FunctionName="${webFunctionName}"', 'Average')`,
    label: '',
    period,
  });
  dashboard(stack, alarms, [
    [
      graph('5xx and failed starts', serverErrors, failedStarts),
      graph("Averages of Lambda's metrics", measured),
    ],
    [requestTable(logs.logGroupName)],
  ]);
}
