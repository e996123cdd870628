import { Duration, Stack } from 'aws-cdk-lib';
import { MathExpression, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import {
  type ApplicationLoadBalancer,
  type ApplicationTargetGroup,
  HttpCodeElb,
  HttpCodeTarget,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { alarmTopic } from './alarm-topic.ts';
import { createAlarms } from './alarms.ts';
import { dashboard, graph, requestTable } from './dashboard.ts';

const period = Duration.minutes(5);

/** Creates the alarms and the dashboard of the service, from the metrics of its load balancer. */
export function monitorService(
  {
    service,
    loadBalancer,
    targetGroup,
  }: {
    service: FargateService;
    loadBalancer: ApplicationLoadBalancer;
    targetGroup: ApplicationTargetGroup;
  },
  { slowSeconds, logGroupName }: { slowSeconds: number; logGroupName: string },
): void {
  const stack = Stack.of(service);
  const alarms = createAlarms(alarmTopic(stack));
  const { metrics } = loadBalancer;
  const requests = metrics.requestCount();
  const taskErrors = metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT);
  const balancerErrors = metrics.httpCodeElb(HttpCodeElb.ELB_5XX_COUNT);
  alarms.add('ServerErrors', {
    description: 'At least five responses, and a twentieth of all, are 5xx.',
    metric: new MathExpression({
      // `requests` does not include requests that no task could take.
      expression:
        'IF(FILL(tasks, 0) + FILL(balancer, 0) >= 5 AND 20 * (FILL(tasks, 0) + FILL(balancer, 0)) >= FILL(requests, 0), 1, 0)',
      usingMetrics: { requests, tasks: taskErrors, balancer: balancerErrors },
      label: 'Whether too many responses are 5xx',
      period,
    }),
    threshold: 1,
  });
  alarms.add('SlowResponses', {
    description: 'A tenth of all responses take longer than the parameter SlowSeconds.',
    metric: metrics.targetResponseTime({ statistic: Stats.p(90), period }),
    threshold: slowSeconds,
    periods: 3,
  });
  const minute = { period: Duration.minutes(1), statistic: Stats.MAXIMUM };
  alarms.add('UnhealthyTasks', {
    description: 'A task does not respond to /health/live.',
    metric: targetGroup.metrics.unhealthyHostCount(minute),
    threshold: 1,
    periods: 3,
  });
  dashboard(stack, alarms, [
    [
      graph('Requests and 5xx', requests, taskErrors, balancerErrors),
      graph(
        'Seconds to the response',
        metrics.targetResponseTime({ statistic: Stats.p(50) }),
        metrics.targetResponseTime({ statistic: Stats.p(95) }),
      ),
    ],
    [
      graph(
        'Tasks',
        targetGroup.metrics.healthyHostCount(minute),
        targetGroup.metrics.unhealthyHostCount(minute),
      ),
      graph(
        'CPU and memory, percent',
        service.metricCpuUtilization(),
        service.metricMemoryUtilization(),
      ),
    ],
    [requestTable(logGroupName)],
  ]);
}
