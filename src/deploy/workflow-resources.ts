import type { Stack } from 'aws-cdk-lib';
import type { Resources } from '../workflow/resources.ts';
import { lambdaFunction } from './lambda-function.ts';
import { queueWithDeadLetters } from './queue.ts';
import { table } from './table.ts';
import { topic } from './topic.ts';

/** A table, a function, a queue or a topic of the workflow, as it is deployed. */
export interface WorkflowResource {
  /** What fills in its placeholder. */
  readonly value: string;
  readonly arn: string;
}

/** What the workflow uses, by the names in its definition. */
export function workflowResources(
  stack: Stack,
  { tables, functions, queues, topics }: Resources,
): ReadonlyMap<string, WorkflowResource> {
  const deployed = new Map<string, WorkflowResource>();
  for (const [id, entry] of Object.entries(tables)) {
    const { tableName, tableArn } = table(stack, id, entry);
    deployed.set(id, { value: tableName, arn: tableArn });
  }
  for (const [id, entry] of Object.entries(functions)) {
    const { functionArn } = lambdaFunction(stack, id, entry);
    deployed.set(id, { value: functionArn, arn: functionArn });
  }
  for (const [id, entry] of Object.entries(queues)) {
    const { queueUrl, queueArn } = queueWithDeadLetters(stack, id, entry);
    deployed.set(id, { value: queueUrl, arn: queueArn });
  }
  for (const [id, entry] of Object.entries(topics)) {
    const { topicArn } = topic(stack, id, entry);
    deployed.set(id, { value: topicArn, arn: topicArn });
  }
  return deployed;
}
