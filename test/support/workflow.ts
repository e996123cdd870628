import { fillIn, readDefinition } from '../../src/workflow/definition.ts';
import { functions, queues, tables, topics } from '../../src/workflow/resources.ts';

export const functionArn = (name: string) =>
  `arn:aws:lambda:us-east-1:123456789012:function:${name}`;
export const queueUrl = (name: string) => `http://127.0.0.1:9324/000000000000/${name}`;
const topicArn = (name: string) => `arn:aws:sns:us-east-1:000000000000:${name}`;

/** The definition of the workflow with its placeholders filled in. */
export function workflowDefinition() {
  const values = new Map([['Partition', 'aws']]);
  for (const [id, { name }] of Object.entries(tables)) values.set(id, name);
  for (const [id, { name }] of Object.entries(functions)) values.set(id, functionArn(name));
  for (const [id, { name }] of Object.entries(queues)) values.set(id, queueUrl(name));
  for (const [id, { name }] of Object.entries(topics)) values.set(id, topicArn(name));
  return JSON.parse(fillIn(readDefinition(), values));
}
