import type { Stack } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Alarms } from './alarms.ts';
import { dashboard, graph } from './dashboard.ts';
import type { Monitored } from './monitored.ts';

/** Creates the dashboard: executions, functions, lost status changes and dead letters. */
export function workflowDashboard(
  stack: Stack,
  { machines, functions, deadLetters, reconciler }: Monitored,
  alarms: Alarms,
): void {
  dashboard(stack, alarms, [
    ...machines.map((machine) => [
      graph(
        `${machine.node.id} executions`,
        machine.metricStarted(),
        machine.metricSucceeded(),
        machine.metricFailed(),
        machine.metricTimedOut(),
        machine.metricAborted(),
      ),
      graph(
        `${machine.node.id} executions, milliseconds`,
        machine.metricTime({ statistic: Stats.p(50) }),
        machine.metricTime({ statistic: Stats.p(95) }),
      ),
    ]),
    [
      graph(
        'Errors and throttles of functions',
        ...functions.flatMap((each) => [each.metricErrors(), each.metricThrottles()]),
      ),
      graph(
        'Durations of functions, milliseconds',
        ...functions.map((each) => each.metricDuration({ statistic: Stats.p(95) })),
      ),
    ],
    [
      graph('Lost status changes', reconciler.recovered, reconciler.left),
      graph(
        'Dead letters',
        ...deadLetters.map((queue) => queue.metricApproximateNumberOfMessagesVisible()),
      ),
    ],
  ]);
}
