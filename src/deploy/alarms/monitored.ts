import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';

/** What the alarms and the dashboard of the workflow monitor. */
export interface Monitored {
  readonly machines: readonly StateMachine[];
  readonly functions: readonly LambdaFunction[];
  readonly deadLetters: readonly Queue[];
  /** The metrics that `src/functions/reconcile-statuses.ts` reports. */
  readonly reconciler: { readonly recovered: Metric; readonly left: Metric };
}
