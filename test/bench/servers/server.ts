import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import packageJson from '../../../package.json' with { type: 'json' };
import { listen } from '../../support/listen.ts';
import { expressArn, standardArn } from '../../support/step-functions-stub/executions.ts';
import { startChild } from '../child.ts';

/** The servers that are measured side by side. */
export const peers = ['straight port', 'floor', 'plain client', 'ours'] as const;
export type Peer = (typeof peers)[number];

const modules: Readonly<Record<Peer, string>> = {
  'straight port': './servers/straight-port.ts',
  floor: './servers/floor.ts',
  'plain client': '../../src/main.ts',
  ours: '../../src/main.ts',
};

const usageSchema = z.object({ cpuMicroseconds: z.number(), residentBytes: z.number() });
/** The CPU time of a process since its start, and its current memory. */
export type Usage = z.infer<typeof usageSchema>;

export interface Server {
  readonly url: string;
  usage(): Promise<Usage>;
  /** The heap in use after a collection. */
  heapBytes(): Promise<number>;
  stop(): Promise<void>;
  /** Sends SIGTERM, and returns its exit code. */
  terminate(): Promise<number | null>;
}

/** Starts a server in its own process, and waits until it responds. */
export async function startServer(
  peer: Peer,
  stubUrl: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<Server> {
  const port = await freePort();
  const child = startChild(modules[peer], {
    env: {
      STEP_FUNCTIONS_WORKFLOW_ARN: standardArn,
      STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS: expressArn,
      AWS_ENDPOINT_URL_SFN: stubUrl,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'bench',
      AWS_SECRET_ACCESS_KEY: 'bench',
      // More than any case has in flight.
      MAX_SYNC_EXECUTIONS: '10000',
      ...settings,
      PORT: String(port),
    },
    execArgv: ['--import', new URL('usage-probe.ts', import.meta.url).href, ...nodeFlagsOf[peer]],
  });
  const url = `http://127.0.0.1:${port}`;
  await untilResponse(
    () => fetch(`${url}/health/live`),
    () => true,
  );
  return {
    ...child,
    url,
    usage: () => child.call('usage', null, usageSchema),
    heapBytes: () => child.call('heapBytes', null, z.number()),
  };
}

const nodeFlagsOfNpmStart = packageJson.scripts.start.match(/--\S+/g) ?? [];
const nodeFlagsOf: Readonly<Record<Peer, readonly string[]>> = {
  'straight port': [],
  floor: [],
  'plain client': [
    ...nodeFlagsOfNpmStart,
    '--import',
    new URL('without-fast-client.ts', import.meta.url).href,
  ],
  ours: nodeFlagsOfNpmStart,
};

/** Sends a request every 10 ms until there is a response that `isExpected`. */
export async function untilResponse(
  send: () => Promise<Response>,
  isExpected: (response: Response) => boolean,
): Promise<void> {
  for (;;) {
    const response = await send().catch(() => undefined);
    await response?.body?.cancel();
    if (response !== undefined && isExpected(response)) return;
    await setTimeout(10);
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  const { port } = new URL(await listen(server));
  server.close();
  await once(server, 'close');
  return Number(port);
}
