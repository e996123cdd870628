import type { quotas } from './aws-quotas.ts';
import { startChild } from './child.ts';
import { type EventPlan, eventsResultSchema } from './event-plan.ts';
import { startStatusTable, statusTableName } from './status-table.ts';
import type { Stub } from './stub.ts';

/** How many executions run, and how they end. */
export type Ends = Omit<EventPlan, 'stepFunctionsUrl' | 'dynamoDbUrl' | 'beginsAt'>;

/** A status table, with EventBridge and Lambda, which write status changes to it. */
export async function startStatusPush(stub: Stub) {
  const table = await startStatusTable();
  const events = startChild('./servers/events.ts');
  const send = (operation: string, ends: Ends, beginsAt: number) => {
    const plan: EventPlan = {
      ...ends,
      beginsAt,
      stepFunctionsUrl: stub.url,
      dynamoDbUrl: table.urls.functions,
    };
    return events.call(operation, plan, eventsResultSchema.optional());
  };
  return {
    /** Settings of a service that reads the table. */
    settings: { STATUS_TABLE: statusTableName, AWS_ENDPOINT_URL_DYNAMODB: table.urls.service },
    /** Writes the executions that run at the beginning. */
    preload: (ends: Ends) => send('preload', ends, Date.now()),
    /** Begins the arrival of events, and the count of the calls of the service. */
    async begin(ends: Ends, beginsAt: number) {
      await table.calls();
      await send('begin', ends, beginsAt);
    },
    /** When the first event of each end arrived, and the calls of the service. */
    async result() {
      const result = await events.call('result', null, eventsResultSchema);
      if (result.failed > 0) {
        throw new Error(`record-status failed ${result.failed} of ${result.events} times.`);
      }
      return { arrivals: new Map(result.arrivals), calls: await table.calls() };
    },
    async stop() {
      await Promise.all([table.stop(), events.stop()]);
    },
  };
}
export type StatusPush = Awaited<ReturnType<typeof startStatusPush>>;

/** Lets executions run and end, with their events if there is a table. */
export async function playEnds(
  stub: Stub,
  push: StatusPush | undefined,
  ends: Ends,
  accountQuotas: typeof quotas,
): Promise<void> {
  await push?.preload(ends);
  const beginsAt = Date.now();
  const { running, ...rest } = ends;
  const executions = running + ends.ends;
  await stub.play({ ...rest, beginsAt, executions, quotas: accountQuotas });
  await push?.begin(ends, beginsAt);
}
