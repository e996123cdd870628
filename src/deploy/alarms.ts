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
  /** What is wrong, in one sentence; README.md in this folder says what to do. */
  readonly description: string;
  readonly metric: IMetric;
  /** The alarm goes off from this value on. */
  readonly threshold: number;
  /** How many of the metric's periods in a row; 1 by default. */
  readonly periods?: number;
  /** Whether the metric must always be there. */
  readonly mustReport?: boolean;
}

/** Creates alarms that are published to a topic, in the topic's stack. */
export function createAlarms(topic: ITopic) {
  const stack = Stack.of(topic);
  const all: Alarm[] = [];
  return {
    all,
    add(id: string, options: AlarmOptions): void {
      const alarm = new Alarm(stack, id, {
        alarmName: `${stack.stackName}-${id}`,
        alarmDescription: options.description,
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
