import type { z } from 'zod';
import { exampleRequest } from '../../src/onboarding/request.ts';
import { type Child, startChild } from './child.ts';
import { closedLoopResultSchema, type closedLoopSchema } from './load/closed-loop.ts';
import { type Peer, type Server, startServer } from './servers/server.ts';
import { median } from './statistics.ts';
import { type StatusPush, startStatusPush } from './status-push.ts';
import { type Stub, startStub } from './stub.ts';

export const rounds = 5;

/** A valid body for both POST routes. */
export const onboardingBody = JSON.stringify(exampleRequest);

/** Starts the processes of a case. */
export interface Bench {
  readonly stub: Stub;
  start(peer: Peer, settings?: Readonly<Record<string, string>>): Promise<Server>;
  startLoad(): Child;
  /** A status table that is written as events arrive. */
  startPush(): Promise<StatusPush>;
}

/** Runs a case, and stops its processes afterwards. */
export async function withBench<T>(run: (bench: Bench) => Promise<T>): Promise<T> {
  const stub = await startStub();
  const started: { stop(): Promise<void> }[] = [stub];
  try {
    return await run({
      stub,
      async start(peer, settings) {
        const server = await startServer(peer, stub.url, settings);
        started.push(server);
        return server;
      },
      startLoad() {
        const load = startChild('./load/main.ts');
        started.push(load);
        return load;
      },
      async startPush() {
        const push = await startStatusPush(stub);
        started.push(push);
        return push;
      },
    });
  } finally {
    await Promise.all(started.map((process) => process.stop()));
  }
}

export type Servers = Readonly<Record<Peer, Server>>;

/** Starts all peers, each in its own process. */
export async function startPeers({ start }: Bench): Promise<Servers> {
  return {
    'straight port': await start('straight port'),
    floor: await start('floor'),
    'plain client': await start('plain client'),
    ours: await start('ours'),
  };
}

export interface Figures {
  /** CPU time of one request. */
  readonly cpuMicroseconds: number;
  /** CPU time of one request of the warm-up, in a process that has just started. */
  readonly coldCpuMicroseconds: number;
  readonly requestsPerSecond: number;
}

type Loop = Omit<z.input<typeof closedLoopSchema>, 'url'> & { path: string; warmUp: number };

/**
 * Runs the same closed loop against each server in turn, round after round, so that other load on
 * the machine affects all of them alike.
 *
 * @returns a function that returns the medians of a server
 * @throws if any response is not 2xx
 */
export async function alternate(
  load: Child,
  servers: readonly Server[],
  { path, warmUp, ...loop }: Loop,
  headersOf: (server: Server) => Readonly<Record<string, string>> = () => ({}),
): Promise<(server: Server) => Figures> {
  async function run(server: Server, requests: number) {
    const before = await server.usage();
    const result = await load.call(
      'closedLoop',
      { ...loop, headers: headersOf(server), requests, url: server.url + path },
      closedLoopResultSchema,
    );
    const after = await server.usage();
    if (result.bad > 0) throw new Error(`${server.url}: ${result.bad} bad responses`);
    return {
      cpuMicroseconds: (after.cpuMicroseconds - before.cpuMicroseconds) / requests,
      requestsPerSecond: requests / result.seconds,
    };
  }

  const cold = new Map<Server, number>();
  for (const server of servers) cold.set(server, (await run(server, warmUp)).cpuMicroseconds);
  const results: { server: Server; cpuMicroseconds: number; requestsPerSecond: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const server of servers) results.push({ server, ...(await run(server, loop.requests)) });
  }
  return (server) => {
    const own = results.filter((each) => each.server === server);
    return {
      cpuMicroseconds: median(own.map((each) => each.cpuMicroseconds)),
      coldCpuMicroseconds: cold.get(server) ?? Number.NaN,
      requestsPerSecond: median(own.map((each) => each.requestsPerSecond)),
    };
  };
}
