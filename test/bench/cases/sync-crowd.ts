import { setTimeout } from 'node:timers/promises';
import type { Child } from '../child.ts';
import { closedLoopResultSchema } from '../load/closed-loop.ts';
import { pacedResultSchema } from '../load/paced.ts';
import { onboardingBody, rounds, startPeers, withBench } from '../rounds.ts';
import type { Case } from '../row.ts';
import type { Server } from '../servers/server.ts';
import { median } from '../statistics.ts';
import { megabytes, milliseconds, ratio, seconds } from '../units.ts';

const inFlight = 2000;
const idealSeconds = 2;
const starts = { requests: 100, everyMilliseconds: 25 };

interface Round {
  readonly seconds: number;
  readonly residentBytes: number;
  readonly startMilliseconds: number;
  readonly idleStartMilliseconds: number;
}

/** 2,000 sync executions of 2 s at once, and async starts in the middle of them. */
export const syncCrowd: Case = {
  name: 'sync-2000',
  run: () =>
    withBench(async (bench) => {
      const { 'straight port': straight, floor, ours } = await startPeers(bench);
      const [crowd, starter] = [bench.startLoad(), bench.startLoad()];
      await bench.stub.play({ syncMilliseconds: idealSeconds * 1000 });
      // It takes forty times as long: once must do.
      const straightRound = await measure(straight, crowd, starter);
      const floorRounds: Round[] = [];
      const ourRounds: Round[] = [];
      for (let round = 0; round < rounds; round += 1) {
        floorRounds.push(await measure(floor, crowd, starter));
        ourRounds.push(await measure(ours, crowd, starter));
      }
      const floorRound = medians(floorRounds);
      const ourRound = medians(ourRounds);
      const timesIdeal = ourRound.seconds / idealSeconds;
      const timesIdle = ourRound.startMilliseconds / ourRound.idleStartMilliseconds;
      const startsOf = (round: Round) =>
        `${milliseconds(round.startMilliseconds)} (idle: ${milliseconds(round.idleStartMilliseconds)})`;
      return [
        {
          measure: 'Sync, 2,000 in flight for 2 s: until all were answered',
          'straight port': `${seconds(straightRound.seconds)} (one round)`,
          floor: seconds(floorRound.seconds),
          ours: `${seconds(ourRound.seconds)}: ${ratio(timesIdeal)} the ideal`,
          target: { text: '≤ 1.5× the ideal, 2 s', isMet: timesIdeal <= 1.5 },
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
  const start = {
    url: `${server.url}/process-user-onboarding`,
    method: 'POST',
    body: onboardingBody,
  };
  const idle = await starter.ask('paced', { ...start, ...starts }, pacedResultSchema);
  const all = crowd.ask(
    'closedLoop',
    {
      ...start,
      url: `${server.url}/process-user-onboarding-sync`,
      connections: inFlight,
      requests: inFlight,
    },
    closedLoopResultSchema,
  );
  const meanwhile = starter.ask('paced', { ...start, ...starts }, pacedResultSchema);
  await setTimeout((idealSeconds * 1000) / 2);
  const { residentBytes } = await server.usage();
  const [{ seconds, good, bad }, { medianMilliseconds }] = await Promise.all([all, meanwhile]);
  if (good < inFlight) throw new Error(`${bad} of ${inFlight} were not answered well`);
  return {
    seconds,
    residentBytes,
    startMilliseconds: medianMilliseconds,
    idleStartMilliseconds: idle.medianMilliseconds,
  };
}

function medians(all: readonly Round[]): Round {
  const of = (figure: keyof Round) => median(all.map((round) => round[figure]));
  return {
    seconds: of('seconds'),
    residentBytes: of('residentBytes'),
    startMilliseconds: of('startMilliseconds'),
    idleStartMilliseconds: of('idleStartMilliseconds'),
  };
}
