import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import {
  type Json,
  StatesError,
  type TaskIntegration,
  type TaskLog,
} from '../states-language/execution.ts';
import { accountId, region } from '../step-functions/arns.ts';
import { withConsoleOutput } from './console-output.ts';
import { sdkMetadata } from './sdk-metadata.ts';
import { serviceError } from './service-call.ts';

/**
 * The module of a Lambda function. The event is whatever the caller sent, so a handler that expects a
 * narrower type must validate it.
 */
export interface LambdaFunction {
  handler(event: unknown): Promise<unknown>;
}

/** By function name. */
export type LambdaFunctions = ReadonlyMap<string, LambdaFunction>;

const invokeArguments = z.object({
  FunctionName: z.string(),
  InvocationType: z.literal('RequestResponse').default('RequestResponse'),
  LogType: z.enum(['None', 'Tail']).default('None'),
  // The argument of a Task is JSON already.
  Payload: z.custom<Json>().optional(),
});

/**
 * `lambda:invoke`, with the functions in this process. As on AWS, the handler gets a copy of the
 * payload, and it keeps running when its Task times out. What it prints with `console` is its log.
 *
 * Results and errors are as in the optimised integration:
 * https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
 */
export function lambdaIntegrations(functions: LambdaFunctions): Map<string, TaskIntegration> {
  const invokeFunction: TaskIntegration = async (taskArguments, _signal, log) => {
    const invocation = readArguments(taskArguments);
    const name = functionName(invocation.FunctionName);
    const lambda = functions.get(name);
    const requestId = randomUUID();
    if (!lambda) {
      const arn = `arn:aws:lambda:${region}:${accountId}:function:${name}:$LATEST`;
      const message = `Function not found: ${arn}`;
      const code = 'ResourceNotFoundException';
      throw serviceError(service, { statusCode: 404, code, message, requestId });
    }
    const event = eventOf(invocation.Payload, requestId);
    const tail = createTail(requestId);
    const payload = await withConsoleOutput(
      (line) => {
        tail.add(line);
        log(line);
      },
      () => invoke(lambda, event),
    );
    return {
      ExecutedVersion: '$LATEST',
      ...(invocation.LogType === 'Tail' && { LogResult: tail.end() }),
      Payload: payload,
      StatusCode: 200,
      ...sdkMetadata(200, { 'X-Amz-Executed-Version': '$LATEST' }, requestId),
    };
  };
  return new Map([['lambda:invoke', Object.assign(invokeFunction, { takesToken: true })]]);
}

const service = {
  prefix: 'Lambda',
  javaName: 'AWSLambda',
  javaException: 'AWSLambdaException',
  modelledErrors: new Set(['ResourceNotFound', 'InvalidRequestContent']),
} as const;

/** A string is the JSON text of the event. Without a payload, or with null, the event is `{}`. */
function eventOf(payload: Json | undefined, requestId: string): Json {
  if (payload === undefined || payload === null) return {};
  if (typeof payload !== 'string') return payload;
  try {
    return JSON.parse(payload);
  } catch {
    const code = 'InvalidRequestContentException';
    const message = 'Could not parse request body into json';
    throw serviceError(service, { statusCode: 400, code, message, requestId });
  }
}

/** Lambda returns the last 4 KB of the log. */
const tailBytes = 4096;

/** Keeps the last part of an invocation's log. `end` returns it in Base64. */
function createTail(requestId: string) {
  let text = Buffer.alloc(0);
  const add: TaskLog = (line) => {
    text = Buffer.concat([text, Buffer.from(`${line}\n`)]).subarray(-tailBytes);
  };
  add(`START RequestId: ${requestId} Version: $LATEST`);
  return {
    add,
    end() {
      add(`END RequestId: ${requestId}`);
      return text.toString('base64');
    },
  };
}

function readArguments(taskArguments: Json): z.infer<typeof invokeArguments> {
  const { success, data, error } = invokeArguments.safeParse(taskArguments);
  if (success) return data;
  const members = error.issues.map((issue) => issue.path.join('.') || 'Arguments').join(', ');
  throw new StatesError(
    'States.Runtime',
    `Local AWS supports lambda:invoke with FunctionName, Payload, LogType and InvocationType RequestResponse. Invalid: ${members}.`,
  );
}

/** Returns the name in a name, a partial ARN (`account:function:name`) or an ARN, without a qualifier. */
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

/** Returns the error that Lambda's Node.js runtime reports for a thrown value. */
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
