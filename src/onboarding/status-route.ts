import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { callerOf } from '../http/caller.ts';
import { clientDisconnectSignal } from '../http/client-disconnect.ts';
import { type EventStreams, stopReconnecting, wantsEventStream } from '../http/event-stream.ts';
import { countHeader, textHeader } from '../http/openapi/openapi-responses.ts';
import type { Settings } from '../settings.ts';
import { isRunning } from '../step-functions/execution.ts';
import type { WorkflowExecutions } from '../step-functions/workflow-executions.ts';
import { scopes, tags } from './access.ts';
import { statusProblems } from './documented-problems.ts';
import { executionArnParams, requestedExecutionArn } from './execution-arn-param.ts';
import { parsePreferWait } from './prefer-wait.ts';
import { statusResponse, statusResponseSchema } from './responses.ts';
import { namesFinalState, sendStatusEvents } from './status-events.ts';

/** Registers the route that returns a status at once, waits for the end, or streams changes. */
export function registerStatusRoute(
  server: FastifyInstance,
  executions: WorkflowExecutions,
  streams: EventStreams,
  settings: Settings,
): void {
  const app = server.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: 'GET',
    url: '/onboarding-status/:executionArn',
    config: {
      scope: scopes.read,
      problems: statusProblems,
      responseHeaders: {
        age: countHeader(
          'While the execution runs: seconds since Step Functions returned this status',
        ),
        'retry-after': countHeader('While the execution runs: seconds after which to ask again'),
        'preference-applied': textHeader('`wait=N`: the response waited for up to N seconds'),
      },
    },
    schema: {
      tags,
      operationId: 'getOnboardingStatus',
      summary: 'Read the status of an onboarding',
      description:
        'Three ways to follow an onboarding: poll after `Retry-After`; send `Prefer: wait=N` to wait for its end; or send `Accept: text/event-stream` for server-sent events. The stream sends a `status` event at once and at every change until the execution ends; its `data` is the JSON of this response. A client that reconnects after the end, with `Last-Event-ID`, gets a 204. Onboardings of POST /process-user-onboarding and of the no-code route have a status, until 90 days after their end.',
      headers: z.looseObject({
        prefer: z
          .string()
          .optional()
          .meta({
            description:
              '`wait=N` delays the response until the execution ends or N seconds pass, 60 at most (RFC 7240)',
            examples: ['wait=30'],
          }),
        'last-event-id': z
          .string()
          .optional()
          .meta({
            description:
              'The id of the last received event. An `EventSource` sends it when it reconnects. After the end it gets a 204, which makes it stop',
            examples: ['RUNNING-0'],
          }),
      }),
      querystring: z.looseObject({
        steps: z
          .string()
          .optional()
          .meta({
            description:
              '`true`: the event stream also sends a `step` event for every changed step',
            examples: ['true'],
          }),
      }),
      params: executionArnParams,
      // Only the description mentions the stream: if the schema listed its media type and the 204,
      // generated clients would have to handle them wherever they read a status.
      response: { 200: statusResponseSchema },
    },
    handler: async (request, reply) => {
      const executionArn = requestedExecutionArn(request, settings.standard);
      const caller = callerOf(request);
      if (wantsEventStream(request.headers) && request.method === 'GET') {
        if (namesFinalState(request.headers['last-event-id'])) return stopReconnecting(reply);
        const withSteps = request.query.steps === 'true';
        const stream = streams.open(reply, request.tokenExpiresAt);
        const { signal } = stream;
        const { execution } = await executions.statuses.get(executionArn, signal, caller);
        return stream.send((send) =>
          sendStatusEvents(executions, execution, { caller, signal, withSteps, send }),
        );
      }
      const waitSeconds = parsePreferWait(request.headers.prefer);
      const signal = clientDisconnectSignal(reply);
      const { execution, ageSeconds, retryAfterSeconds } =
        waitSeconds === undefined
          ? await executions.statuses.get(executionArn, signal, caller)
          : await executions.statuses.wait(executionArn, waitSeconds * 1000, signal, caller);
      if (waitSeconds !== undefined) reply.header('preference-applied', `wait=${waitSeconds}`);
      if (isRunning(execution)) {
        reply.headers({ age: ageSeconds, 'retry-after': retryAfterSeconds });
      }
      return statusResponse(execution);
    },
  });
}
