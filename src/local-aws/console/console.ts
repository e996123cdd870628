import Fastify, { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { onboardingRequestSchema } from '../../onboarding/request.ts';
import { ServiceError } from '../step-functions/service-error.ts';
import { readQueues, readTables } from './collections.ts';
import { exchange, ways } from './exchange.ts';
import { type ExecutionSources, registerExecutions } from './executions-api.ts';
import { serveChanges } from './live.ts';
import { contentSecurityPolicy, pageFile } from './page-files.ts';
import { requestFields } from './request-fields.ts';
import { isFromConsole } from './same-origin.ts';

/** The data that the console shows, and the services to which it sends requests. */
export interface ConsoleSources extends ExecutionSources {
  readonly serviceUrl: string;
  readonly stepFunctionsUrl: string;
  readonly apiGatewayUrl: string;
  readonly dynamoDbUrl: string;
  readonly sqsUrl: string;
  /** The name of the status table. */
  readonly statusTable: string;
  /** When the recording of executions began. */
  readonly startDate: Date;
}

const onboarding = z.object({
  way: z.enum(['sync', 'async', 'no-code']),
  body: z.string(),
  idempotencyKey: z.string().optional(),
});

/**
 * Builds the console: a page that shows the executions of local Step Functions, and the API of that
 * page. Only the page itself and programs on this machine may use it.
 */
export async function buildConsole(sources: ConsoleSources): Promise<FastifyInstance> {
  const app = Fastify({ routerOptions: { maxParamLength: 1000 }, bodyLimit: 1_048_576 });
  app.addHook('onRequest', async (request, reply) => {
    if (isFromConsole(request.raw)) return;
    return reply.code(403).type('text/plain').send('Only the console may call this.\n');
  });
  app.addHook('onSend', async (_request, reply) => {
    reply.headers({
      'content-security-policy': contentSecurityPolicy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
  });
  app.setErrorHandler((error, _request, reply) => {
    const isClientError = error instanceof ServiceError || error instanceof z.ZodError;
    return reply.code(isClientError ? 400 : 500).send({ message: messageOf(error) });
  });
  registerExecutions(app, sources);
  registerOnboarding(app, sources);
  serveChanges(app, sources.recorder);
  registerCollections(app, sources);
  app.get('/*', async ({ raw }, reply) => {
    const [path = '/'] = (raw.url ?? '/').split('?', 1);
    const file = await pageFile(path);
    if (file === undefined) return reply.code(404).send({ message: 'Not found.' });
    return reply.type(`${file.contentType}; charset=utf-8`).send(file.text);
  });
  await app.ready();
  return app;
}

function registerOnboarding(app: FastifyInstance, sources: ConsoleSources): void {
  const { serviceUrl, apiGatewayUrl, stepFunctionsUrl, startDate } = sources;
  const fields = requestFields(onboardingRequestSchema);
  app.get('/api/service', () => ({ url: serviceUrl, stepFunctionsUrl, startDate, ways, fields }));
  app.post('/api/onboardings', ({ body }) => {
    const { way, body: text, idempotencyKey } = onboarding.parse(body);
    return exchange(way === 'no-code' ? apiGatewayUrl : serviceUrl, way, text, idempotencyKey);
  });
}

/** The users page shows every table except the status table: a workflow may have more than one. */
function registerCollections(app: FastifyInstance, sources: ConsoleSources): void {
  const { dynamoDbUrl, sqsUrl, statusTable } = sources;
  app.get('/api/users', () => readTables(dynamoDbUrl, (name) => name !== statusTable));
  app.get('/api/statuses', () => readTables(dynamoDbUrl, (name) => name === statusTable));
  app.get('/api/messages', () => readQueues(sqsUrl));
}

function messageOf(error: unknown): string {
  if (error instanceof z.ZodError) return z.prettifyError(error);
  return error instanceof Error ? error.message : String(error);
}
