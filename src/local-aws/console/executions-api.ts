import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Executions } from '../step-functions/executions.ts';
import { ServiceError } from '../step-functions/service-error.ts';
import type { StateMachines } from '../step-functions/state-machines.ts';
import { eventPage, eventsOfIterations, eventsOfStep } from './events.ts';
import { createGraphs } from './graphs.ts';
import { toRows } from './page/step-rows.ts';
import type { RecordedExecution, Recorder } from './recorder.ts';
import { stepsChangedAfter } from './steps.ts';
import { consoleNamePrefix, summaryOf } from './summary.ts';
import type { ExecutionUpdate } from './view.ts';

export interface ExecutionSources {
  readonly recorder: Recorder;
  readonly executions: Pick<Executions, 'start' | 'stop'>;
  readonly stateMachines: Pick<StateMachines, 'get'>;
}

const newExecution = z.object({ stateMachineArn: z.string(), input: z.string() });
const stop = z.object({ cause: z.string().max(32_768).optional() });
const count = z.coerce.number().int().min(0).default(0);
/** The events and log lines that the page knows already. */
const knownQuery = z.object({ events: count, lines: count });
const pageQuery = z.object({ text: z.string().default(''), page: count });
const eventParams = z.object({ id: count });

/** Serves `/api/executions` and the paths below it. */
export function registerExecutions(app: FastifyInstance, sources: ExecutionSources): void {
  const { recorder, executions, stateMachines } = sources;
  const graphOf = createGraphs();
  const recorded = (params: unknown) => {
    const { arn } = z.object({ arn: z.string() }).parse(params);
    const found = recorder.get(arn);
    if (found) return found;
    throw new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  };

  app.get('/api/executions', (_request, reply) => {
    const all = recorder.newestFirst();
    // The first layout takes longer than everything else that opens an execution.
    const listed = new Set(all.slice(0, 100).map(({ execution }) => execution.stateMachine));
    reply.raw.once('finish', () => listed.forEach(graphOf));
    return all.map(summaryOf);
  });
  app.get('/api/executions/:arn', ({ params, query }) => {
    const { events, lines } = knownQuery.parse(query);
    const found = recorded(params);
    const { stateMachine, input } = found.execution;
    const { arn, definition } = stateMachine;
    const constants = { stateMachineArn: arn, input, definition, graph: graphOf(stateMachine) };
    const progress = progressOf(found, events, lines);
    return (events === 0 ? { ...progress, constants } : progress) satisfies ExecutionUpdate;
  });
  app.get('/api/executions/:arn/events', ({ params, query }) => {
    const { text, page } = pageQuery.parse(query);
    return eventPage(recorded(params), text, page);
  });
  app.get('/api/executions/:arn/events/:id', ({ params }) => {
    const { id } = eventParams.parse(params);
    const event = recorded(params).events[id - 1];
    if (event) return event;
    throw new ServiceError('ValidationException', `The execution has no event ${id}.`);
  });
  app.get('/api/executions/:arn/steps/:id/events', ({ params }) =>
    eventsOfStep(recorded(params), eventParams.parse(params).id),
  );
  app.get('/api/executions/:arn/steps/:id/iterations', ({ params }) =>
    eventsOfIterations(recorded(params), eventParams.parse(params).id),
  );
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

/** Returns what has changed after the events and log lines that the page knows. */
function progressOf(recorded: RecordedExecution, knownEvents: number, knownLines: number) {
  const { events, history, end, log, omitted } = recorded;
  return {
    ...summaryOf(recorded),
    output: end?.output,
    error: end?.error,
    cause: end?.cause,
    omitted,
    events: events.length,
    steps: toRows(stepsChangedAfter(recorded, knownEvents)),
    log: log.slice(knownLines).map(({ eventId, date, text }) => ({
      stepId: history.stepOf(eventId)?.id,
      date: date.toISOString(),
      text,
    })),
  } satisfies ExecutionUpdate;
}
