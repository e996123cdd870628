import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';

/** What the workflow's alarms and dashboard are about. */
export interface Watched {
  readonly machines: readonly StateMachine[];
  readonly functions: readonly LambdaFunction[];
  readonly deadLetters: readonly Queue[];
  /** Of the function that makes up for lost events; see `src/functions/reconcile-statuses.ts`. */
  readonly reconciler: { readonly recovered: Metric; readonly left: Metric };
}
