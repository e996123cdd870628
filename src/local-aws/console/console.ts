import { randomUUID } from 'node:crypto';
import Fastify, { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type LoopbackPort, type LoopbackServer, serveOnLoopback } from '../loopback-server.ts';
import type { Executions } from '../step-functions/executions.ts';
import { withoutData } from '../step-functions/history.ts';
import { ServiceError } from '../step-functions/service-error.ts';
import type { StateMachines } from '../step-functions/state-machines.ts';
import { readQueues, readTables } from './collections.ts';
import { exchange, ways } from './exchange.ts';
import { layOut } from './graph.ts';
import { serveChanges } from './live.ts';
import { contentSecurityPolicy, pageFile } from './page-files.ts';
import type { RecordedExecution, Recorder } from './recorder.ts';
import { isFromConsole } from './same-origin.ts';
import { startedAgain, summaryOf } from './summary.ts';
import type { ExecutionDetail } from './view.ts';

/** What the console shows, and where it sends requests. */
export interface ConsoleSources {
  readonly recorder: Recorder;
  readonly executions: Pick<Executions, 'start' | 'stop'>;
  readonly stateMachines: Pick<StateMachines, 'get'>;
  readonly serviceUrl: string;
  readonly stepFunctionsUrl: string;
  readonly apiGatewayUrl: string;
  readonly dynamoDbUrl: string;
  readonly sqsUrl: string;
}

const eventsAtOnce = 5000;

const onboarding = z.object({
  way: z.enum(['wait', 'start', 'no-code']),
  body: z.string(),
  idempotencyKey: z.string().optional(),
});
const newExecution = z.object({ stateMachineArn: z.string(), input: z.string() });
const stop = z.object({ cause: z.string().max(32_768).optional() });
const eventsQuery = z.object({
  after: z.coerce.number().int().min(0).default(0),
  ids: z
    .string()
    .transform((text) => text.split(',').map(Number))
    .optional(),
});

/**
 * Starts the console: a page that shows what local Step Functions does, and the API that the page
 * reads. For the browser of whoever runs it, and for nobody else.
 *
 * @throws {PortUnavailable}
 */
export async function startConsole(
  port: LoopbackPort,
  sources: ConsoleSources,
): Promise<LoopbackServer> {
  const app = Fastify({ routerOptions: { maxParamLength: 1000 }, bodyLimit: 1_048_576 });
  app.addHook('onRequest', async (request, reply) => {
    if (isFromConsole(request.raw)) return;
    return reply.code(403).type('text/plain').send('This is for the console itself.\n');
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
    const isCallers = error instanceof ServiceError || error instanceof z.ZodError;
    return reply.code(isCallers ? 400 : 500).send({ message: messageOf(error) });
  });
  registerExecutions(app, sources);
  registerOnboarding(app, sources);
  serveChanges(app, sources.recorder);
  app.get('/api/tables', () => readTables(sources.dynamoDbUrl));
  app.get('/api/queues', () => readQueues(sources.sqsUrl));
  app.get('/*', async ({ raw }, reply) => {
    const [path = '/'] = (raw.url ?? '/').split('?', 1);
    const file = await pageFile(path);
    if (file === undefined) return reply.code(404).send({ message: 'There is no such page.' });
    return reply.type(`${file.contentType}; charset=utf-8`).send(file.text);
  });
  await app.ready();
  const server = await serveOnLoopback(app.routing, port);
  return {
    url: server.url,
    async close() {
      await server.close();
      await app.close();
    },
  };
}

function registerExecutions(app: FastifyInstance, sources: ConsoleSources): void {
  const { recorder, executions, stateMachines } = sources;
  const recorded = (params: unknown) => {
    const { arn } = z.object({ arn: z.string() }).parse(params);
    const found = recorder.get(arn);
    if (found) return found;
    throw new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  };

  app.get('/api/executions', () => recorder.newestFirst().map(summaryOf));
  app.get('/api/executions/:arn', ({ params }) => detailOf(recorded(params)));
  app.get('/api/executions/:arn/events', ({ params, query }) => {
    const { after, ids } = eventsQuery.parse(query);
    const { events } = recorded(params);
    if (ids) return ids.flatMap((id) => events[id - 1] ?? []);
    return events.slice(after, after + eventsAtOnce).map(withoutData);
  });
  app.get('/api/executions/:arn/history', ({ params }, reply) => {
    const { execution, events } = recorded(params);
    // A name may hold characters that a header may not.
    const file = encodeURIComponent(`${execution.name}.json`);
    reply.header('content-disposition', `attachment; filename*=UTF-8''${file}`);
    return { events };
  });
  app.post('/api/executions/:arn/stop', async ({ params, body }) => {
    const { execution } = recorded(params);
    const { cause } = stop.parse(body);
    await executions.stop(execution.arn, undefined, cause);
    return {};
  });
  app.post('/api/executions', async ({ body }) => {
    const { stateMachineArn, input } = newExecution.parse(body);
    const stateMachine = stateMachines.get(stateMachineArn);
    const name = `${startedAgain}${randomUUID()}`;
    const origin = { operation: 'StartExecution', userAgent: '' } as const;
    return { arn: executions.start({ stateMachine, name, input, origin }).arn };
  });
}

async function detailOf(recorded: RecordedExecution): Promise<ExecutionDetail> {
  const { execution, end } = recorded;
  const { stateMachine, input } = execution;
  // Loaded when first needed, so that it does not hold up the start of everything else.
  const dagre = await import('@dagrejs/dagre');
  return {
    ...summaryOf(recorded),
    stateMachineArn: stateMachine.arn,
    input,
    output: end?.output,
    error: end?.error,
    cause: end?.cause,
    definition: stateMachine.definition,
    graph: layOut(dagre, stateMachine.parsed.workflow),
  };
}

function registerOnboarding(app: FastifyInstance, sources: ConsoleSources): void {
  const { serviceUrl, apiGatewayUrl, stepFunctionsUrl } = sources;
  app.get('/api/service', () => ({ url: serviceUrl, stepFunctionsUrl, ways }));
  app.post('/api/onboardings', ({ body }) => {
    const { way, body: text, idempotencyKey } = onboarding.parse(body);
    return exchange(way === 'no-code' ? apiGatewayUrl : serviceUrl, way, text, idempotencyKey);
  });
}

function messageOf(error: unknown): string {
  if (error instanceof z.ZodError) return z.prettifyError(error);
  return error instanceof Error ? error.message : String(error);
}
