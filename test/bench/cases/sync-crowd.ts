import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import type { Child } from '../child.ts';
import { burstResultSchema } from '../load/burst.ts';
import { closedLoopResultSchema } from '../load/closed-loop.ts';
import { pacedResultSchema } from '../load/paced.ts';
import { onboardingBody, rounds, startPeers, withBench } from '../rounds.ts';
import type { Case } from '../row.ts';
import type { Server } from '../servers/server.ts';
import { median } from '../statistics.ts';
import { megabytes, milliseconds, ratio, seconds } from '../units.ts';

const inFlight = 2000;
const straightResponses = 150;
const idealSeconds = 2;
const starts = { requests: 120, everyMilliseconds: 25, timeoutMilliseconds: 5000 };

/** The first burst, which opens all 2,000 connections to Step Functions. */
interface FirstBurst {
  readonly seconds: number;
  readonly residentBytes: number;
  readonly startMilliseconds: number;
  readonly idleStartMilliseconds: number;
}

interface Round extends FirstBurst {
  /** The next burst, over the connections of the first. */
  readonly nextSeconds: number;
}

/** 2,000 sync executions of 2 s at once, and async starts in the middle of them. */
export const syncCrowd: Case = {
  name: 'sync-2000',
  run: () =>
    withBench(async (bench) => {
      const { 'straight port': straight, floor, ours } = await startPeers(bench);
      const [crowd, starter] = [bench.startLoad(), bench.startLoad()];
      for (const server of [floor, ours]) {
        const warmUp = { connections: 64, requests: 4000 };
        await crowd.call('closedLoop', { ...syncOf(server), ...warmUp }, closedLoopResultSchema);
      }
      await bench.stub.play({ syncMilliseconds: idealSeconds * 1000 });
      // All 2,000 would take it 80 s, 50 at a time, so measure only a part, once.
      const straightRound = await measureFirst(straight, crowd, starter, straightResponses);
      // Otherwise it would continue with the rest.
      await straight.stop();
      // Warm-up with as many connections as in the measurement.
      for (const server of [floor, ours]) await measureNext(server, crowd);
      const floorRounds: Round[] = [];
      const ourRounds: Round[] = [];
      for (let round = 0; round < rounds; round += 1) {
        floorRounds.push(await measure(floor, crowd, starter));
        ourRounds.push(await measure(ours, crowd, starter));
      }
      const floorRound = medians(floorRounds);
      const ourRound = medians(ourRounds);
      const timesIdeal = ourRound.seconds / idealSeconds;
      const nextTimesIdeal = ourRound.nextSeconds / idealSeconds;
      const timesIdle = ourRound.startMilliseconds / ourRound.idleStartMilliseconds;
      const startsOf = (round: FirstBurst) => {
        const isLost = round.startMilliseconds >= starts.timeoutMilliseconds;
        const meanwhile = isLost
          ? `none within ${starts.timeoutMilliseconds / 1000} s`
          : milliseconds(round.startMilliseconds);
        return `${meanwhile} (idle: ${milliseconds(round.idleStartMilliseconds)})`;
      };
      return [
        {
          measure: 'Sync, 2,000 in flight for 2 s: until the last response',
          'straight port': `${seconds(straightRound.seconds)} for the first ${straightResponses} (one round)`,
          floor: seconds(floorRound.seconds),
          ours: `${seconds(ourRound.seconds)}: ${ratio(timesIdeal)} the ideal`,
          target: { text: '≤ 1.5× the ideal, 2 s', isMet: timesIdeal <= 1.5 },
        },
        {
          measure: 'The next 2,000, over connections that the first have opened',
          floor: seconds(floorRound.nextSeconds),
          ours: `${seconds(ourRound.nextSeconds)}: ${ratio(nextTimesIdeal)} the ideal`,
          target: { text: '≤ 1.5× the ideal, 2 s', isMet: nextTimesIdeal <= 1.5 },
        },
        {
          measure: 'Median async start meanwhile',
          'straight port': startsOf(straightRound),
          floor: startsOf(floorRound),
          ours: startsOf(ourRound),
          target: { text: '≤ 2× idle', isMet: timesIdle <= 2 },
        },
        {
          measure: 'Resident memory, 2,000 in flight',
          'straight port': megabytes(straightRound.residentBytes),
          floor: megabytes(floorRound.residentBytes),
          ours: megabytes(ourRound.residentBytes),
        },
      ];
    }),
};

async function measure(server: Server, crowd: Child, starter: Child): Promise<Round> {
  const first = await measureFirst(server, crowd, starter, inFlight);
  return { ...first, nextSeconds: await measureNext(server, crowd) };
}

async function measureNext(server: Server, crowd: Child): Promise<number> {
  await crowd.call('connections', { ...syncOf(server), connections: inFlight }, z.undefined());
  return burst(server, crowd, inFlight);
}

/** @throws if any response is not 200 */
async function burst(server: Server, crowd: Child, responses: number): Promise<number> {
  const { seconds, good } = await crowd.call(
    'burst',
    { ...syncOf(server), responses },
    burstResultSchema,
  );
  if (good < responses) throw new Error(`${responses - good} of ${responses} were not 200`);
  return seconds;
}

async function measureFirst(
  server: Server,
  crowd: Child,
  starter: Child,
  responses: number,
): Promise<FirstBurst> {
  const start = { ...syncOf(server), url: `${server.url}/process-user-onboarding`, ...starts };
  const idle = await starter.call('paced', { ...start, requests: 30 }, pacedResultSchema);
  await crowd.call('connections', { ...syncOf(server), connections: inFlight }, z.undefined());
  const all = burst(server, crowd, responses);
  const meanwhile = starter.call('paced', start, pacedResultSchema);
  await setTimeout((idealSeconds * 1000) / 2);
  const { residentBytes } = await server.usage();
  const [seconds, { medianMilliseconds, statuses }] = await Promise.all([all, meanwhile]);
  // 0 is a request without a response in time, which the median shows.
  const refused = Object.keys(statuses).filter((status) => !['0', '202'].includes(status));
  if (refused.length > 0) throw new Error(`responses to starts: ${refused}`);
  return {
    seconds,
    residentBytes,
    startMilliseconds: medianMilliseconds,
    idleStartMilliseconds: idle.medianMilliseconds,
  };
}

function syncOf({ url }: Server) {
  return { url: `${url}/process-user-onboarding-sync`, method: 'POST', body: onboardingBody };
}

function medians(all: readonly Round[]): Round {
  const of = (figure: keyof Round) => median(all.map((round) => round[figure]));
  return {
    seconds: of('seconds'),
    nextSeconds: of('nextSeconds'),
    residentBytes: of('residentBytes'),
    startMilliseconds: of('startMilliseconds'),
    idleStartMilliseconds: of('idleStartMilliseconds'),
  };
}
