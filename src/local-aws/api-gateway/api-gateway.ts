import type { IncomingMessage, ServerResponse } from 'node:http';
import { newUser, requestParameters } from '../../gateway/new-user.ts';
import { callAwsJson } from '../aws-json.ts';
import { type LoopbackPort, type LoopbackServer, serveOnLoopback } from '../loopback-server.ts';
import { refuseBrowsers } from '../refuse-browsers.ts';
import { evaluateParameter, readSelectableBody } from './request-body.ts';

/** The state machine that the route's integration starts. */
export interface IntegrationTarget {
  readonly stepFunctionsUrl: string;
  readonly stateMachineArn: string;
}

/** A request whose response has been sent. */
export interface GatewayCall {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly milliseconds: number;
}

/**
 * Starts Amazon API Gateway with the HTTP API that `src/gateway` describes, without the route's
 * authorization and the stage's throttling.
 *
 * @throws {PortUnavailable}
 */
export function startApiGateway(
  port: LoopbackPort,
  target: IntegrationTarget,
  consoleUrl?: string,
  onCall: (call: GatewayCall) => void = () => undefined,
): Promise<LoopbackServer> {
  const page = {
    service: 'API Gateway',
    command: (url: string) =>
      `curl -i ${url}${newUser.path} -H 'content-type: application/json' -d '{"input": {"user": {"userId": "user-1"}}}'`,
    consoleUrl,
  };
  return serveOnLoopback(
    refuseBrowsers((request, response) => {
      const started = performance.now();
      response.once('finish', () => {
        onCall({
          method: request.method ?? '',
          path: request.url?.split('?', 1)[0] ?? '',
          status: response.statusCode,
          milliseconds: Math.round(performance.now() - started),
        });
      });
      handleRequest(request, response, target).catch(() => {
        if (request.errored) response.destroy();
        else respond(response, 500, 'Internal Server Error');
      });
    }, page),
    port,
  );
}

async function handleRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { stepFunctionsUrl, stateMachineArn }: IntegrationTarget,
): Promise<void> {
  const path = request.url?.split('?', 1)[0];
  if (request.method !== newUser.method || path !== newUser.path) {
    request.resume();
    return respond(response, 404, 'Not Found');
  }
  const body = await readSelectableBody(request);
  if (body === undefined) return respond(response, 413, 'Request Entity Too Large');
  const parameters = requestParameters(stateMachineArn);
  const input = evaluateParameter(parameters.Input, body);
  if (input === undefined) return respond(response, 400, 'Bad Request');
  const started = await callAwsJson(
    stepFunctionsUrl,
    'AWSStepFunctions.StartExecution',
    { stateMachineArn: parameters.StateMachineArn, input },
    { userAgent: 'AmazonAPIGateway' },
  );
  // The caller gets the response of Step Functions unchanged, even an error.
  response
    .writeHead(started.statusCode, { 'content-type': 'application/x-amz-json-1.0' })
    .end(JSON.stringify(started.body));
}

function respond(response: ServerResponse, status: number, message: string): void {
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(JSON.stringify({ message }));
}
