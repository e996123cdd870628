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
  /** One sentence that says what is wrong. src/deploy/README.md says what to do. */
  readonly description: string;
  readonly metric: IMetric;
  /** The alarm fires at this value or above. */
  readonly threshold: number;
  /** For how many consecutive periods of the metric; 1 by default. */
  readonly periods?: number;
  /** Whether missing data fires the alarm too. */
  readonly mustReport?: boolean;
}

/** Creates alarms in the stack of the topic, and publishes them to it. */
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
