import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { callerOf } from '../http/caller.ts';
import { clientDisconnectSignal } from '../http/client-disconnect.ts';
import { type EventStreams, endReconnection, wantsEventStream } from '../http/event-stream.ts';
import { countHeader, textHeader } from '../http/openapi-responses.ts';
import type { Settings } from '../settings.ts';
import { isRunning } from '../step-functions/execution.ts';
import type { Executions } from '../step-functions/executions.ts';
import { scopes, tags } from './access.ts';
import { statusProblems } from './documented-problems.ts';
import { executionArnParams, requestedExecutionArn } from './execution-arn-param.ts';
import { parsePreferWait } from './prefer-wait.ts';
import { statusResponse, statusResponseSchema } from './responses.ts';
import { namesFinalState, onboardingEvents } from './status-events.ts';

/** The status of an onboarding: now, once it has ended, or as a stream of events. */
export function registerStatusRoute(
  server: FastifyInstance,
  executions: Executions,
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
          'Seconds since Step Functions returned this status; while the execution runs',
        ),
        'retry-after': countHeader('Seconds after which to ask again; while the execution runs'),
        'preference-applied': textHeader(
          '`wait=N`, where the response was held for up to N seconds',
        ),
        'cache-control': textHeader('`no-store`'),
      },
    },
    schema: {
      tags,
      operationId: 'getOnboardingStatus',
      summary: 'Read the status of an onboarding',
      description:
        'Ask again after `Retry-After`, let `Prefer: wait=N` hold the response, or follow it with `Accept: text/event-stream` (server-sent events): an event `status` at once and at every change, whose `data` is the JSON of this response, until the end; a client that returns after it, with `Last-Event-ID`, gets a 204. Only onboardings that POST /process-user-onboarding started have a status, until 90 days after their end.',
      headers: z.looseObject({
        prefer: z
          .string()
          .optional()
          .meta({
            description:
              '`wait=N` holds the response until the execution ends or N seconds pass, 60 at most (RFC 7240)',
            examples: ['wait=30'],
          }),
        'last-event-id': z
          .string()
          .optional()
          .meta({
            description:
              'The id of the last event that was received. An `EventSource` sends it when it reconnects; after the end it gets a 204, and stops',
            examples: ['RUNNING-0'],
          }),
      }),
      querystring: z.looseObject({
        steps: z
          .string()
          .optional()
          .meta({
            description: '`true`: an event stream also has an event `step` for every change of one',
            examples: ['true'],
          }),
      }),
      params: executionArnParams,
      // The stream is in the description only: with its media type and its 204 here, generated
      // clients would have to rule them out wherever they read a status.
      response: { 200: statusResponseSchema },
    },
    handler: async (request, reply) => {
      const executionArn = requestedExecutionArn(request, settings.standard);
      const caller = callerOf(request);
      // The output is personal data, which no cache may keep.
      reply.header('cache-control', 'no-store');
      if (wantsEventStream(request.headers) && request.method === 'GET') {
        if (namesFinalState(request.headers['last-event-id'])) return endReconnection(reply);
        const withSteps = request.query.steps === 'true';
        return streams.send(
          reply,
          (signal) => onboardingEvents(executions, executionArn, { caller, signal, withSteps }),
          request.tokenExpiresAt,
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
