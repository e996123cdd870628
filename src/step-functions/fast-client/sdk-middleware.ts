import { DescribeExecutionCommand, type SFNClient } from '@aws-sdk/client-sfn';

/** The results of these are the same for all calls of an operation. */
const copied = [
  'httpAuthSchemeMiddleware',
  'endpointV2Middleware',
  'serializerMiddleware',
  'contentLengthMiddleware',
  'getUserAgentMiddleware',
  'hostHeaderMiddleware',
];
/** The fast client replaces these with cheaper ones. */
const replaced = ['retryMiddleware', 'httpSigningMiddleware', 'deserializerMiddleware'];
/** Not needed: they serve a logger and Lambda's recursion detection. */
const unused = ['loggerMiddleware', 'recursionDetectionMiddleware'];

/** The SDK's middleware differs from what the fast client expects. */
export class SdkMiddlewareChanged extends Error {
  override readonly name = 'SdkMiddlewareChanged';
}

type Stack = SFNClient['middlewareStack'];

/**
 * Returns a copy of the SDK's middleware stack, without the unused middleware.
 *
 * @throws {SdkMiddlewareChanged} middleware is missing or new
 */
export function takeSdkMiddleware({ middlewareStack, config }: SFNClient): Stack {
  const command = new DescribeExecutionCommand({ executionArn: undefined });
  // A command adds its own middleware when it is resolved.
  command.resolveMiddleware(middlewareStack, config, {});
  const remaining = middlewareStack.concat(command.middlewareStack);
  removeSdkMiddleware(remaining);
  const unknown = remaining.identify();
  if (unknown.length > 0) throw changed(`also has ${unknown.join(', ')}`);
  const stack = middlewareStack.clone();
  for (const name of unused) stack.remove(name);
  return stack;
}

/**
 * Removes the SDK's own middleware, and keeps middleware that was added later.
 *
 * @throws {SdkMiddlewareChanged} middleware is missing
 */
export function removeSdkMiddleware(stack: { remove(name: string): boolean }): void {
  const missing = [...copied, ...replaced, ...unused].filter((name) => !stack.remove(name));
  if (missing.length > 0) throw changed(`has no ${missing.join(', ')}`);
}

function changed(what: string): SdkMiddlewareChanged {
  return new SdkMiddlewareChanged(
    `The Step Functions client ${what}: review src/step-functions/fast-client, or delete the call of makeFast in step-functions-clients.ts`,
  );
}
