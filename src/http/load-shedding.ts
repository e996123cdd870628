import { getHeapStatistics } from 'node:v8';
import underPressure from '@fastify/under-pressure';
import type { FastifyInstance } from 'fastify';
import { isProtected } from './authentication.ts';
import { overloadedProblem } from './http-problems.ts';
import type { HttpSettings } from './settings.ts';

/**
 * Refuses requests while the event loop is late or the heap is nearly full. Only routes that
 * declare a scope are refused, so probes and operators still get their responses.
 */
export async function registerLoadShedding(
  app: FastifyInstance,
  { maxEventLoopDelayMilliseconds }: Pick<HttpSettings, 'maxEventLoopDelayMilliseconds'>,
): Promise<void> {
  await app.register(underPressure, {
    // A pause longer than the interval counts as infinite, so the interval must not be below the
    // limit.
    sampleInterval: Math.max(250, maxEventLoopDelayMilliseconds),
    maxEventLoopDelay: maxEventLoopDelayMilliseconds,
    maxHeapUsedBytes: getHeapStatistics().heap_size_limit * 0.9,
    pressureHandler: async (request) => {
      if (isProtected(request)) throw overloadedProblem();
    },
  });
}
