import type { Stack } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  LogQueryWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Alarms } from './alarms.ts';

const width = 24;

/**
 * A stack's dashboard: its alarms, and rows of what explains them. Its name has the Region, as
 * dashboards of all Regions of an account share their names.
 */
export function dashboard(stack: Stack, alarms: Alarms, rows: readonly (readonly IWidget[])[]) {
  return new Dashboard(stack, 'Dashboard', {
    dashboardName: `${stack.stackName}-${stack.region}`,
    widgets: [
      [new AlarmStatusWidget({ title: 'Alarms', alarms: alarms.all, width, height: 4 })],
      ...rows.map((row) => [...row]),
    ],
  });
}

/** Two graphs fill a row. */
export function graph(title: string, ...left: IMetric[]): GraphWidget {
  return new GraphWidget({ title, left, width: width / 2 });
}

/** Requests of the service by route and status, from its log. */
export function requestTable(logGroupName: string): LogQueryWidget {
  return new LogQueryWidget({
    title: 'Requests by route and status',
    logGroupNames: [logGroupName],
    queryLines: [
      'filter msg like /^request/',
      'stats count(*) as requests, pct(durationMilliseconds, 95) as p95 by route, status',
      'sort requests desc',
    ],
    width,
  });
}
