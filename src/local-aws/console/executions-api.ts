import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Executions } from '../step-functions/executions.ts';
import { withoutData } from '../step-functions/history.ts';
import { ServiceError } from '../step-functions/service-error.ts';
import type { StateMachines } from '../step-functions/state-machines.ts';
import { layOut } from './graph.ts';
import type { RecordedExecution, Recorder } from './recorder.ts';
import { consoleNamePrefix, summaryOf } from './summary.ts';
import type { ExecutionDetail } from './view.ts';

export interface ExecutionSources {
  readonly recorder: Recorder;
  readonly executions: Pick<Executions, 'start' | 'stop'>;
  readonly stateMachines: Pick<StateMachines, 'get'>;
}

/** The most events or log lines in one response. */
const pageSize = 5000;

const newExecution = z.object({ stateMachineArn: z.string(), input: z.string() });
const stop = z.object({ cause: z.string().max(32_768).optional() });
const eventsQuery = z.object({
  after: z.coerce.number().int().min(0).default(0),
  ids: z
    .string()
    .transform((text) => text.split(',').map(Number))
    .optional(),
});

/** Serves `/api/executions` and the paths below it. */
export function registerExecutions(app: FastifyInstance, sources: ExecutionSources): void {
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
    return events.slice(after, after + pageSize).map(withoutData);
  });
  app.get('/api/executions/:arn/log', ({ params, query }) => {
    const { after } = eventsQuery.parse(query);
    return recorded(params).log.slice(after, after + pageSize);
  });
  app.get('/api/executions/:arn/history', ({ params }, reply) => {
    const { execution, events } = recorded(params);
    // A name may have characters that a header cannot have.
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
    const name = `${consoleNamePrefix}${randomUUID()}`;
    const origin = { operation: 'StartExecution', userAgent: '' } as const;
    return { arn: executions.start({ stateMachine, name, input, origin }).arn };
  });
}

async function detailOf(recorded: RecordedExecution): Promise<ExecutionDetail> {
  const { execution, end, log, omitted } = recorded;
  const { stateMachine, input } = execution;
  // Loaded on first use, so that it does not delay the start.
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
    logLines: log.length,
    omitted,
  };
}
