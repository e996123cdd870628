import { Duration, type Stack, Validations } from 'aws-cdk-lib';
import type { CfnTable } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { executionStatement } from '../execution-statement.ts';
import { lambdaFunction } from '../lambda-function.ts';
import { nameInStage } from '../stage.ts';
import { indexArn, statusTable } from './status-table.ts';

/** The Standard state machine whose statuses are stored. */
export interface FollowedStateMachine {
  readonly arn: string;
  readonly name: string;
}

interface Deployment {
  readonly stateMachine: FollowedStateMachine;
  readonly table: CfnTable;
  readonly prefix: string;
}

/**
 * Creates the status table of a state machine, and the functions that maintain it.
 *
 * @param prefix the prefix of all names, after the stage
 */
export function statuses(
  stack: Stack,
  prefix: string,
  stateMachine: FollowedStateMachine,
): CfnTable {
  const table = statusTable(stack, nameInStage(stack, `${prefix}-statuses`));
  recordStatus(stack, { stateMachine, table, prefix });
  reconcileStatuses(stack, { stateMachine, table, prefix });
  return table;
}

/** The statuses for which EventBridge is known to deliver events. */
const followedStatuses = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'];

/** Creates the function that writes every status change to the table. */
function recordStatus(stack: Stack, { stateMachine, table, prefix }: Deployment): void {
  const deadLetters = new Queue(stack, 'StatusChangeDeadLetters', {
    queueName: nameInStage(stack, `${prefix}-status-change-dead-letters`),
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  Validations.of(deadLetters).acknowledge({
    id: 'AwsSolutions-SQS3',
    reason: 'It is itself a dead-letter queue.',
  });
  const record = lambdaFunction(
    stack,
    'RecordStatus',
    { name: `${prefix}-record-status`, module: 'src/functions/record-status.ts' },
    {
      // Long enough to retry throttled calls.
      timeout: Duration.seconds(30),
      environment: environment(stateMachine, table),
      // Lambda retries an event twice, after one and two minutes. The next run of
      // reconcile-statuses recovers the change of a dead letter.
      onFailure: new SqsDestination(deadLetters),
    },
  );
  record.addToRolePolicy(
    new PolicyStatement({ actions: ['dynamodb:UpdateItem'], resources: [table.attrArn] }),
  );
  record.addToRolePolicy(
    executionStatement(stack, stateMachine.name, ['states:DescribeExecution']),
  );
  new Rule(stack, 'StatusChanges', {
    description: 'Status changes of the executions of one Standard state machine',
    eventPattern: {
      source: ['aws.states'],
      detailType: ['Step Functions Execution Status Change'],
      detail: { stateMachineArn: [stateMachine.arn], status: followedStatuses },
    },
    targets: [new LambdaFunction(record, { deadLetterQueue: deadLetters })],
  });
}

/** Creates the function that recovers lost status changes, once a minute. */
function reconcileStatuses(stack: Stack, { stateMachine, table, prefix }: Deployment): void {
  const reconcile = lambdaFunction(
    stack,
    'ReconcileStatuses',
    { name: `${prefix}-reconcile-statuses`, module: 'src/functions/reconcile-statuses.ts' },
    {
      // Runs must not overlap, since two would exceed the rate of DescribeExecution calls.
      timeout: Duration.minutes(1),
      // For the largest lists that a run can read, 80,000 executions.
      memorySize: 512,
      environment: environment(stateMachine, table),
      // Do not retry or delay a run: the next run replaces it.
      retryAttempts: 0,
      maxEventAge: Duration.minutes(1),
    },
  );
  for (const statement of [
    new PolicyStatement({
      actions: [
        'dynamodb:BatchGetItem',
        'dynamodb:GetItem',
        'dynamodb:UpdateItem',
        'dynamodb:PutItem',
        'dynamodb:DeleteItem',
      ],
      resources: [table.attrArn],
    }),
    new PolicyStatement({ actions: ['dynamodb:Query'], resources: [indexArn(table, 'running')] }),
    new PolicyStatement({ actions: ['states:ListExecutions'], resources: [stateMachine.arn] }),
    executionStatement(stack, stateMachine.name, ['states:DescribeExecution']),
  ]) {
    reconcile.addToRolePolicy(statement);
  }
  new Rule(stack, 'EveryMinute', {
    description: 'Recovers status changes that were not delivered',
    schedule: Schedule.rate(Duration.minutes(1)),
    targets: [
      new LambdaFunction(reconcile, { retryAttempts: 0, maxEventAge: Duration.minutes(1) }),
    ],
  });
}

function environment(stateMachine: FollowedStateMachine, table: CfnTable) {
  return { STATUS_TABLE: table.ref, STEP_FUNCTIONS_WORKFLOW_ARN: stateMachine.arn };
}
