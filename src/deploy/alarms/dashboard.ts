import type { Stack } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  LogQueryWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { type Alarms, dashboardName } from './alarms.ts';

const width = 24;

/** Creates the dashboard of a stack: its alarms, and rows of widgets that explain them. */
export function dashboard(stack: Stack, alarms: Alarms, rows: readonly (readonly IWidget[])[]) {
  return new Dashboard(stack, 'Dashboard', {
    dashboardName: dashboardName(stack),
    widgets: [
      [new AlarmStatusWidget({ title: 'Alarms', alarms: alarms.all, width, height: 4 })],
      ...rows.map((row) => [...row]),
    ],
  });
}

/** Creates a graph of half the width of a row. */
export function graph(title: string, ...left: IMetric[]): GraphWidget {
  return new GraphWidget({ title, left, width: width / 2 });
}

/** Creates a table of requests by route and status, from the log of the service. */
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
