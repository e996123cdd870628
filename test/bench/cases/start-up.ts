import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Bench, onboardingBody, rounds, withBench } from '../rounds.ts';
import type { Case } from '../row.ts';
import { freePort, type Peer, peers, untilResponse } from '../servers/server.ts';
import { median } from '../statistics.ts';
import { megabytes, seconds } from '../units.ts';

const project = fileURLToPath(new URL('../../..', import.meta.url));
const targetSeconds = 1.5;

/** From the start of the process to the first 200 of the sync route. */
export const startUp: Case = {
  name: 'start-up',
  run: () =>
    withBench(async (bench) => {
      const figures: Record<Peer | 'npm run dev', number[]> = {
        'straight port': [],
        floor: [],
        'plain client': [],
        ours: [],
        'npm run dev': [],
      };
      for (let round = 0; round < rounds; round += 1) {
        for (const peer of peers) figures[peer].push(await startOf(bench, peer));
        figures['npm run dev'].push(await startOfNpmRunDev());
      }
      const residentBytes = (await (await bench.start('ours')).usage()).residentBytes;
      const dev = median(figures['npm run dev']);
      return [
        {
          measure: 'Start-up, until the first sync response',
          'straight port': seconds(median(figures['straight port'])),
          floor: seconds(median(figures.floor)),
          'plain client': seconds(median(figures['plain client'])),
          ours: `${seconds(median(figures.ours))}, ${megabytes(residentBytes)} resident`,
        },
        {
          measure: 'Start-up of `npm run dev`, local AWS included',
          ours: seconds(dev),
          target: { text: '≤ 1.5 s', isMet: dev <= targetSeconds },
        },
      ];
    }),
};

async function startOf({ start }: Bench, peer: Peer): Promise<number> {
  const began = performance.now();
  const server = await start(peer);
  await onboard(server.url);
  const took = performance.now() - began;
  await server.stop();
  return took / 1000;
}

async function startOfNpmRunDev(): Promise<number> {
  const port = await freePort();
  const began = performance.now();
  const npm = spawn('npm', ['run', 'dev'], {
    cwd: project,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      PORT: String(port),
      LOCAL_STEP_FUNCTIONS_PORT: '0',
      LOCAL_DYNAMODB_PORT: '0',
      LOCAL_SQS_PORT: '0',
      LOCAL_API_GATEWAY_PORT: '0',
      LOCAL_CONSOLE_PORT: '0',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
    // Its own process group, as npm starts a shell, which starts Node.
    detached: true,
  });
  const exited = once(npm, 'exit');
  try {
    await onboard(`http://127.0.0.1:${port}`);
    return (performance.now() - began) / 1000;
  } finally {
    if (npm.pid !== undefined) process.kill(-npm.pid, 'SIGTERM');
    await exited;
  }
}

async function onboard(url: string): Promise<void> {
  await untilResponse(
    () =>
      fetch(`${url}/process-user-onboarding-sync`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: onboardingBody,
      }),
    ({ status }) => status === 200,
  );
}
