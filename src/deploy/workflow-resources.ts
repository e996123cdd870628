import type { Stack } from 'aws-cdk-lib';
import { functions, queues, tables } from '../workflow/resources.ts';
import { lambdaFunction } from './lambda-function.ts';
import { queueWithDeadLetters } from './queue.ts';
import { table } from './table.ts';

/** A table, a function or a queue of the workflow, as it is deployed. */
export interface WorkflowResource {
  /** What fills in its placeholder. */
  readonly value: string;
  readonly arn: string;
}

/** What the workflow uses, by its names in `src/workflow/resources.ts`. */
export function workflowResources(stack: Stack): ReadonlyMap<string, WorkflowResource> {
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
  return deployed;
}
