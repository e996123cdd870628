import { Stack } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';

export interface AlarmOptions {
  /** One sentence that says what is wrong. `createAlarms` adds where to read on. */
  readonly description: string;
  readonly metric: IMetric;
  /** The alarm fires at this value or above. */
  readonly threshold: number;
  /** For how many consecutive periods of the metric; 1 by default. */
  readonly periods?: number;
  /** Whether missing data fires the alarm too. */
  readonly mustReport?: boolean;
}

/** Contains the Region, because dashboard names are unique in an account, across Regions. */
export function dashboardName(stack: Stack): string {
  return `${stack.stackName}-${stack.region}`;
}

/** Creates alarms in the stack of the topic, and publishes them to it. */
export function createAlarms(topic: ITopic) {
  const stack = Stack.of(topic);
  const readOn = `See the dashboard ${dashboardName(stack)}, and "When an alarm fires" in src/deploy/README.md.`;
  const all: Alarm[] = [];
  return {
    all,
    add(id: string, options: AlarmOptions): void {
      const alarm = new Alarm(stack, id, {
        alarmName: `${stack.stackName}-${id}`,
        // The e-mail contains this text, and whoever reads it may not know the project.
        alarmDescription: `${options.description} ${readOn}`,
        metric: options.metric,
        threshold: options.threshold,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluationPeriods: options.periods ?? 1,
        treatMissingData: options.mustReport
          ? TreatMissingData.BREACHING
          : TreatMissingData.NOT_BREACHING,
      });
      alarm.addAlarmAction(new SnsAction(topic));
      alarm.addOkAction(new SnsAction(topic));
      all.push(alarm);
    },
  };
}

export type Alarms = ReturnType<typeof createAlarms>;
