import type { Stack } from 'aws-cdk-lib';
import type { Resources } from '../../workflow/resources.ts';
import { lambdaFunction } from '../lambda-function.ts';
import { queueWithDeadLetters } from './queue.ts';
import { table } from './table.ts';
import { topic } from './topic.ts';

/** A deployed table, function, queue or topic of the workflow. */
export interface WorkflowResource {
  /** The value of its placeholder in the definition. */
  readonly value: string;
  readonly arn: string;
}

/** Creates the resources of the workflow. Returns them by their names in the definition. */
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
