import { Duration, type Stack } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { IConstruct } from 'constructs';
import { alarmTopic } from './alarm-topic.ts';
import { type Alarms, createAlarms } from './alarms.ts';
import type { Monitored } from './monitored.ts';
import { workflowDashboard } from './workflow-dashboard.ts';

const period = Duration.minutes(5);

/**
 * Creates the dashboard, and alarms for all state machines, functions and dead-letter queues of the
 * stack. New ones get their alarms automatically.
 *
 * @param stateMachineName the state machine whose statuses are in the status table
 */
export function monitorWorkflow(stack: Stack, stateMachineName: string): void {
  const alarms = createAlarms(alarmTopic(stack));
  const constructs = stack.node.findAll();
  const reconcilerMetric = (metricName: string) =>
    new Metric({
      namespace: 'UserOnboarding',
      metricName,
      dimensionsMap: { StateMachine: stateMachineName },
      statistic: Stats.SUM,
      period,
    });
  const monitored: Monitored = {
    machines: constructs.filter((each) => each instanceof StateMachine),
    functions: constructs.filter((each) => each instanceof LambdaFunction),
    deadLetters: constructs.filter(isDeadLetterQueue),
    reconciler: {
      recovered: reconcilerMetric('EventsRecovered'),
      left: reconcilerMetric('ExecutionsLeft').with({ statistic: Stats.MINIMUM }),
    },
  };
  for (const machine of monitored.machines) addExecutionAlarms(alarms, machine);
  for (const each of monitored.functions) {
    alarms.add(`${each.node.id}Errors`, {
      description: 'A Lambda function fails.',
      metric: each.metricErrors({ period }),
      threshold: 3,
    });
  }
  for (const queue of monitored.deadLetters) {
    alarms.add(`${queue.node.id}NotEmpty`, {
      description: 'The dead-letter queue has messages.',
      metric: queue.metricApproximateNumberOfMessagesVisible({ period }),
      threshold: 1,
    });
  }
  alarms.add('EventsRecovered', {
    description: 'EventBridge lost status changes, or the function that recovers them is down.',
    metric: monitored.reconciler.recovered,
    threshold: 1,
    mustReport: true,
  });
  alarms.add('ExecutionsLeft', {
    description: 'More status changes are lost than can be recovered.',
    metric: monitored.reconciler.left,
    threshold: 1,
    periods: 3,
  });
  workflowDashboard(stack, monitored, alarms);
}

/** Every other queue has a dead-letter queue. */
function isDeadLetterQueue(construct: IConstruct): construct is Queue {
  return construct instanceof Queue && construct.deadLetterQueue === undefined;
}

function addExecutionAlarms(alarms: Alarms, machine: StateMachine): void {
  const { id } = machine.node;
  alarms.add(`${id}ExecutionsFailed`, {
    description: 'At least a fifth of the executions fail, out of ten or more.',
    metric: new MathExpression({
      // CloudWatch treats missing values as 0:
      // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
      expression: 'IF(failed + succeeded >= 10, 100 * failed / (failed + succeeded), 0)',
      usingMetrics: { failed: machine.metricFailed(), succeeded: machine.metricSucceeded() },
      label: 'Failed executions in percent',
      period,
    }),
    // Not lower, because invalid referral codes from callers fail executions too.
    threshold: 20,
  });
  alarms.add(`${id}ExecutionsTimedOut`, {
    description: 'Executions take longer than the workflow allows.',
    metric: machine.metricTimedOut({ period }),
    threshold: 1,
  });
  alarms.add(`${id}ExecutionsThrottled`, {
    description: "Executions are throttled by the account's quota of state transitions.",
    metric: machine.metricThrottled({ period }),
    threshold: 1,
  });
}
