import { maxHeaderSize } from 'node:http';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { Registry } from 'prom-client';
import packageJson from '../package.json' with { type: 'json' };
import { registerAuthentication } from './http/authentication.ts';
import { registerBareRefusals } from './http/bare-refusals.ts';
import { answerClientError } from './http/client-error.ts';
import { registerHealth } from './http/health.ts';
import { registerJsonBody } from './http/json-body.ts';
import { connectionLimits, registerProtection, registerRateLimit } from './http/limits.ts';
import { collectMethods } from './http/methods.ts';
import { registerMetrics } from './http/metrics.ts';
import { registerOpenApi } from './http/openapi.ts';
import { registerProblems } from './http/problems.ts';
import { registerRequestLog, requestIdOf } from './http/request-log.ts';
import { registerStopping } from './http/stopping.ts';
import { validatorCompiler } from './http/validation.ts';
import { problemOf } from './onboarding/problems.ts';
import { registerOnboardingRoutes } from './onboarding/routes.ts';
import type { Settings } from './settings.ts';
import { createExecutions } from './step-functions/executions.ts';
import { measureCalls, measureExecutions } from './step-functions/metrics.ts';

// Four times the largest workflow input: white space, escapes and unknown members need room too.
const bodyLimitBytes = 1_048_576;

/** The whole server, as it runs in production; it does not listen yet. */
export async function buildApp(
  settings: Settings,
  logger: FastifyBaseLogger,
): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({
      disableRequestLogging: true,
      requestIdLogLabel: 'requestId',
    }),
    genReqId: requestIdOf,
    ...connectionLimits(settings),
    trustProxy: [...settings.trustedProxies],
    bodyLimit: bodyLimitBytes,
    routerOptions: {
      // None that arrives is too long: the route says of each what it is.
      maxParamLength: maxHeaderSize,
      // ASP.NET's routing is of this kind, and its callers may count on it.
      caseSensitive: false,
    },
    // A request over a held connection is still answered while the process stops.
    return503OnClosing: false,
    clientErrorHandler: answerClientError,
  });
  const registry = new Registry();
  const executions = createExecutions(settings, {
    onCall: measureCalls(registry),
    onStatusFailure: (operation, error) =>
      logger.warn({ err: error }, `${operation} failed; statuses are older until it does not`),
  });
  measureExecutions(registry, executions, settings);
  // A stopping process has no minute to hold an answer for.
  app.addHook('preClose', async () => executions.release());
  app.addHook('onClose', async () => executions.close());

  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(() => JSON.stringify);
  const refuseOtherMethods = collectMethods(app);
  registerRequestLog(app);
  const isStopping = registerStopping(app, settings);
  registerProblems(app, problemOf);
  registerJsonBody(app);
  await registerProtection(app, settings);
  registerBareRefusals(app);
  registerAuthentication(app, settings.authentication);
  await registerRateLimit(app, settings);
  await registerOpenApi(app, settings, {
    title: 'User onboarding',
    description: 'Starts the user onboarding workflow on AWS Step Functions.',
    version: packageJson.version,
  });
  registerHealth(app, { whyNotReady: executions.whyNotReady, isStopping });
  registerMetrics(app, registry, settings, 'onboarding:metrics');
  registerOnboardingRoutes(app, executions, settings);
  refuseOtherMethods();
  return app;
}
