import { maxHeaderSize } from 'node:http';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { Registry } from 'prom-client';
import { registerAuthentication } from './http/authentication/authentication.ts';
import { trustProxies } from './http/client-address.ts';
import { connectionLimits } from './http/connection-limits.ts';
import { trackConnections } from './http/connections.ts';
import { registerCors } from './http/cors.ts';
import { createEventStreams } from './http/event-stream.ts';
import { registerExpectations } from './http/expectations.ts';
import { registerGracefulShutdown } from './http/graceful-shutdown.ts';
import { registerHealth } from './http/health.ts';
import { registerJsonBody } from './http/json-body.ts';
import { registerLoadShedding } from './http/load-shedding.ts';
import { measureEventStreams, registerMetrics } from './http/metrics.ts';
import { registerOpenApi } from './http/openapi/openapi.ts';
import { registerParserErrors } from './http/parser-errors.ts';
import { registerErrorHandler } from './http/problem-details/error-handler.ts';
import { registerProblemPages } from './http/problem-details/problem-pages.ts';
import { registerRateLimit } from './http/rate-limit.ts';
import { observeRequestEnds } from './http/request-end.ts';
import { registerRequestHead } from './http/request-head.ts';
import { registerRequestLog, requestIdOf } from './http/request-log.ts';
import { registerSecurityHeaders } from './http/security-headers.ts';
import { validatorCompiler } from './http/validation.ts';
import { apiDescription } from './onboarding/api-description.ts';
import { problemOf } from './onboarding/problem-of.ts';
import { registerOnboardingRoutes } from './onboarding/routes.ts';
import type { Settings } from './settings.ts';
import { measureCalls, measureExecutions } from './step-functions/metrics.ts';
import { createServiceClients } from './step-functions/service-clients.ts';
import { createWorkflowExecutions } from './step-functions/workflow-executions.ts';
import type { Tracing } from './tracing/tracing.ts';

// Four times the largest workflow input, to allow for white space, escapes and unknown members.
const bodyLimitBytes = 1_048_576;
// More than fit in the largest workflow input, where names must differ.
const maximumBodyMembers = 40_000;

/**
 * Builds the complete server, as it runs in production. It does not listen yet.
 *
 * @param tracing `undefined` turns tracing off
 */
export async function buildApp(
  settings: Settings,
  logger: FastifyBaseLogger,
  tracing?: Tracing,
): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({
      disableRequestLogging: true,
      requestIdLogLabel: 'requestId',
    }),
    genReqId: requestIdOf,
    // Else Fastify loads its own compilers, although the ones set below replace them.
    schemaController: { compilersFactory: { buildValidator: unused, buildSerializer: unused } },
    ...connectionLimits(settings),
    trustProxy: trustProxies(settings.trustedProxies),
    bodyLimit: bodyLimitBytes,
    routerOptions: {
      // No length limit here; the route validates the ARN.
      maxParamLength: maxHeaderSize,
      // As in ASP.NET: callers of the API that this service replaces may rely on it.
      caseSensitive: false,
      ignoreTrailingSlash: true,
      ignoreDuplicateSlashes: true,
    },
    // While the process stops, requests on open connections still get a response.
    return503OnClosing: false,
    clientErrorHandler: (error, socket) => onParserError(error, socket),
  });
  const registry = new Registry();
  const executions = createWorkflowExecutions(
    settings,
    createServiceClients(settings, { onCall: measureCalls(registry), tracing }),
    { onFailure: (message, error) => logger.warn({ err: error }, message) },
  );
  measureExecutions(registry, executions, settings);
  app.addHook('onClose', async () => executions.close());

  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(() => JSON.stringify);
  const connections = trackConnections(app.server);
  const requestEnds = observeRequestEnds(app);
  const streams = createEventStreams({
    maximum: settings.maxEventStreams,
    limits: { stopMilliseconds: 500 * Math.min(settings.shutdownGraceSeconds, 10) },
    requestEnds,
  });
  measureEventStreams(registry, streams);
  registerRequestLog(app, requestEnds);
  tracing?.traceRequests(app, requestEnds);
  const isStopping = registerGracefulShutdown(app, connections, settings);
  // After registerGracefulShutdown, so that the responses released here close their connections.
  app.addHook('preClose', async () => {
    executions.release();
    streams.stop();
  });
  registerErrorHandler(app, settings, (error) => problemOf(error, settings.executionLifetime));
  registerJsonBody(app, maximumBodyMembers);
  registerSecurityHeaders(app);
  await registerCors(app, settings);
  registerLoadShedding(app, settings);
  registerRequestHead(app);
  await registerAuthentication(app, settings.authentication);
  const onParserError = registerParserErrors(app, connections, requestEnds, settings);
  registerExpectations(app);
  await registerRateLimit(app, settings);
  await registerOpenApi(app, settings, apiDescription);
  registerProblemPages(app);
  registerHealth(app, { checkReadiness: executions.checkReadiness, isStopping });
  registerMetrics(app, requestEnds, registry, settings, 'onboarding:metrics');
  registerOnboardingRoutes(app, executions, streams, settings);
  return app;
}

function unused(): never {
  throw new Error('Schemas are compiled by the compilers of the server.');
}
