import { setTimeout } from 'node:timers/promises';
import { recordStatus } from '../../../src/functions/record-status.ts';
import { createFunctionClients } from '../../../src/functions/statuses/function-clients.ts';
import { createRandom } from '../../execution-statuses/harness.ts';
import { statusChangeEvent } from '../../functions/status-change-event.ts';
import { standardArn } from '../../support/step-functions-stub/executions.ts';
import { type EventPlan, eventPlanSchema } from '../event-plan.ts';
import { serveCalls } from '../remote-calls.ts';
import { benchArn } from '../scenario.ts';
import { awsAccess, statusTableName } from '../status-table.ts';

// Simulates EventBridge and Lambda: events arrive late, twice and out of order, and the function
// `record-status` writes each of them.
const random = createRandom(1);
const mostAtOnce = 50;
/** When the first event of the end of each execution arrived, in epoch milliseconds. */
const arrivals = new Map<number, number>();
const counts = { events: 0, failed: 0 };

interface Arrival {
  readonly at: number;
  readonly index: number;
  readonly isEnd: boolean;
}

/** All events, in order of arrival. */
function plan({ beginsAt, running, ends, endsPerSecond, firstEndMilliseconds }: EventPlan) {
  const arrivesAt: Arrival[] = [];
  const deliver = (happensAt: number, index: number, isEnd: boolean, late: number) => {
    const at = happensAt + 50 + 450 * random() + late;
    arrivesAt.push({ at, index, isEnd });
    // A copy of the start may arrive long after the end.
    if (random() < 0.1) arrivesAt.push({ at: at + 40_000 * random(), index, isEnd });
  };
  const endOf = (index: number) => beginsAt + firstEndMilliseconds + (index / endsPerSecond) * 1000;
  for (let index = 0; index < ends; index += 1) {
    deliver(endOf(index), index, true, random() < 0.1 ? 3000 * random() : 0);
    // Another execution starts.
    const isAfterItsEnd = random() < 1 / 500;
    const late = random() < 0.1 ? 1500 * random() : 0;
    const next = index + running;
    const delay = isAfterItsEnd ? endOf(next) - endOf(index) + 1000 : late;
    deliver(endOf(index), next, false, delay);
  }
  return arrivesAt.sort((a, b) => a.at - b.at);
}

function eventOf(index: number, isEnd: boolean, startDate: number) {
  const times = { startDate, stopDate: isEnd ? Date.now() : null };
  const members = { ...times, executionArn: benchArn(index) };
  if (!isEnd) return statusChangeEvent(`bench-${index}`, members);
  const output = JSON.stringify({ userId: 'user-88888', status: 'onboarded' });
  const ended = { status: 'SUCCEEDED', output, outputDetails: { included: true } };
  return statusChangeEvent(`bench-${index}`, { ...members, ...ended });
}

function clientsOf({ stepFunctionsUrl, dynamoDbUrl }: EventPlan) {
  return createFunctionClients(statusTableName, {
    dynamoDb: { ...awsAccess, endpoint: dynamoDbUrl },
    stepFunctions: { ...awsAccess, endpoint: stepFunctionsUrl },
  });
}

async function record(
  clients: ReturnType<typeof createFunctionClients>,
  arrival: Arrival,
  startDate: number,
): Promise<void> {
  counts.events += 1;
  // Lambda retries after a minute. Here, a write fails only if the machine is too slow.
  const event = eventOf(arrival.index, arrival.isEnd, startDate);
  await recordStatus(event, clients, standardArn).catch(() => {
    counts.failed += 1;
  });
}

async function deliverAll(details: EventPlan): Promise<void> {
  const clients = clientsOf(details);
  const arriving = plan(details).values();
  async function invocations(): Promise<void> {
    // All share one iterator: an event waits when all are busy, as at the concurrency of Lambda.
    for (const arrival of arriving) {
      await setTimeout(Math.max(0, arrival.at - Date.now()));
      const { index, isEnd } = arrival;
      if (isEnd && !arrivals.has(index)) arrivals.set(index, Date.now());
      await record(clients, arrival, details.beginsAt);
    }
  }
  await Promise.all(Array.from({ length: mostAtOnce }, invocations));
  clients.close();
}

serveCalls({
  /** Writes the executions that run at the beginning. */
  async preload(details) {
    const given = eventPlanSchema.parse(details);
    const clients = clientsOf(given);
    const indexes = Array.from({ length: given.running }, (_, index) => index).values();
    async function writes(): Promise<void> {
      for (const index of indexes) {
        await record(clients, { at: 0, index, isEnd: false }, given.beginsAt);
      }
    }
    await Promise.all(Array.from({ length: mostAtOnce }, writes));
    clients.close();
  },
  begin(details) {
    counts.events = 0;
    void deliverAll(eventPlanSchema.parse(details));
  },
  result: () => ({ ...counts, arrivals: [...arrivals] }),
});
