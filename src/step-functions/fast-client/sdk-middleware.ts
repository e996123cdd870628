import { DescribeExecutionCommand, type SFNClient } from '@aws-sdk/client-sfn';

/** What these work out is the same for all calls of an operation. */
const copied = [
  'httpAuthSchemeMiddleware',
  'endpointV2Middleware',
  'serializerMiddleware',
  'contentLengthMiddleware',
  'getUserAgentMiddleware',
  'hostHeaderMiddleware',
];
/** These have a cheaper counterpart here. */
const replaced = ['retryMiddleware', 'httpSigningMiddleware', 'deserializerMiddleware'];
/** For a logger, and for Lambda functions that call each other in circles: there are neither. */
const unused = ['loggerMiddleware', 'recursionDetectionMiddleware'];

/** The SDK's middleware is not what the fast client was written for. */
export class SdkMiddlewareChanged extends Error {
  override readonly name = 'SdkMiddlewareChanged';
}

type Stack = SFNClient['middlewareStack'];

/**
 * A copy of the SDK's middleware stack, without the middleware that has no use here.
 *
 * @throws {SdkMiddlewareChanged} naming what is missing or new
 */
export function takeSdkMiddleware({ middlewareStack, config }: SFNClient): Stack {
  const command = new DescribeExecutionCommand({ executionArn: undefined });
  // A command adds its own middleware when it is resolved.
  command.resolveMiddleware(middlewareStack, config, {});
  const ofCall = middlewareStack.concat(command.middlewareStack);
  removeSdkMiddleware(ofCall);
  const unknown = ofCall.identify();
  if (unknown.length > 0) throw changed(`also has ${unknown.join(', ')}`);
  const stack = middlewareStack.clone();
  for (const name of unused) stack.remove(name);
  return stack;
}

/**
 * Leaves what others have added.
 *
 * @throws {SdkMiddlewareChanged} naming what is missing
 */
export function removeSdkMiddleware(stack: { remove(name: string): boolean }): void {
  const missing = [...copied, ...replaced, ...unused].filter((name) => !stack.remove(name));
  if (missing.length > 0) throw changed(`has no ${missing.join(', ')}`);
}

function changed(what: string): SdkMiddlewareChanged {
  return new SdkMiddlewareChanged(
    `The client of Step Functions ${what}: review src/step-functions/fast-client, or delete its call in clients.ts`,
  );
}
