import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type Json, StatesError, type TaskIntegration } from '../states-language/execution.ts';
import { accountId, region } from '../step-functions/arns.ts';
import { sdkMetadata } from './sdk-metadata.ts';

/**
 * A Lambda function's module. Its event is whatever the caller sent; a handler that says more of it
 * in its types has to check that itself.
 */
export interface LambdaFunction {
  handler(event: unknown): Promise<unknown>;
}

/** By function name. */
export type LambdaFunctions = ReadonlyMap<string, LambdaFunction>;

const invokeArguments = z.object({
  FunctionName: z.string(),
  InvocationType: z.literal('RequestResponse').default('RequestResponse'),
  // JSON already, being an argument of a Task.
  Payload: z.custom<Json>().default({}),
});

/**
 * `lambda:invoke`, in this process. The handler gets a copy of the payload, as it would on AWS, and
 * a function that has begun runs on when its Task times out.
 *
 * Results and errors are those of the optimised integration:
 * https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
 */
export function lambdaIntegrations(functions: LambdaFunctions): Map<string, TaskIntegration> {
  return new Map([
    [
      'lambda:invoke',
      async (taskArguments) => {
        const invocation = readArguments(taskArguments);
        const name = functionName(invocation.FunctionName);
        const lambda = functions.get(name);
        const requestId = randomUUID();
        if (!lambda) {
          throw new StatesError(
            'Lambda.ResourceNotFoundException',
            `Function not found: arn:aws:lambda:${region}:${accountId}:function:${name} (Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: ${requestId}; Proxy: null)`,
          );
        }
        return {
          ExecutedVersion: '$LATEST',
          Payload: await invoke(lambda, invocation.Payload),
          StatusCode: 200,
          ...sdkMetadata(200, { 'X-Amz-Executed-Version': '$LATEST' }, requestId),
        };
      },
    ],
  ]);
}

function readArguments(taskArguments: Json): z.infer<typeof invokeArguments> {
  const { success, data, error } = invokeArguments.safeParse(taskArguments);
  if (success) return data;
  const members = error.issues.map((issue) => issue.path.join('.') || 'Arguments').join(', ');
  throw new StatesError(
    'States.Runtime',
    `lambda:invoke here takes FunctionName, Payload and InvocationType RequestResponse; wrong: ${members}.`,
  );
}

/** The name in a name, a partial ARN (`account:function:name`) or an ARN, each with or without qualifier. */
function functionName(given: string): string {
  const name = given.includes('function:') ? given.slice(given.indexOf('function:') + 9) : given;
  return name.split(':', 1)[0] ?? name;
}

async function invoke(lambda: LambdaFunction, payload: Json): Promise<Json> {
  let result: unknown;
  try {
    result = await lambda.handler(structuredClone(payload));
  } catch (error) {
    throw functionError(error);
  }
  try {
    return JSON.parse(JSON.stringify(result) ?? 'null');
  } catch {
    const error = new Error('Unable to stringify response body');
    error.name = 'Runtime.JSONStringifyError';
    throw functionError(error);
  }
}

/** What Lambda's Node.js runtime reports of a thrown value, with its `errorType` as the error's name. */
function functionError(thrown: unknown): StatesError {
  const report =
    thrown instanceof Error
      ? {
          errorType: thrown.name,
          errorMessage: thrown.message,
          trace: (thrown.stack ?? '').split('\n'),
        }
      : { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  return new StatesError(report.errorType, JSON.stringify(report));
}
