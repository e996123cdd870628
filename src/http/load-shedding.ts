import { getHeapStatistics } from 'node:v8';
import underPressure from '@fastify/under-pressure';
import type { FastifyInstance } from 'fastify';
import { isProtected } from './authentication/authentication.ts';
import { overloadedProblem } from './problem-details/http-problems.ts';
import type { HttpSettings } from './settings.ts';

/** An overloaded event loop is busy nearly all the time. After a suspension, it lags but is idle. */
const busyUtilization = 0.5;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `false` for routes that operators need while the process is overloaded. */
    isShed?: boolean;
  }
}

/**
 * Sheds load while the event loop is busy and lags, or the heap is nearly full. Only routes that
 * declare a scope refuse requests, except with `isShed: false`, so that health checks and metrics
 * keep working.
 */
export async function registerLoadShedding(
  app: FastifyInstance,
  { maxEventLoopDelayMilliseconds }: Pick<HttpSettings, 'maxEventLoopDelayMilliseconds'>,
): Promise<void> {
  await app.register(underPressure, {
    // The plugin reports a delay longer than the sample interval as infinite, so the interval must
    // be at least the limit.
    sampleInterval: Math.max(250, maxEventLoopDelayMilliseconds),
    maxEventLoopDelay: maxEventLoopDelayMilliseconds,
    maxHeapUsedBytes: getHeapStatistics().heap_size_limit * 0.9,
    eventLoopUtilizationMode: 'interval',
    pressureHandler: async (request, _reply, type) => {
      // Do not refuse requests after the host or the laptop was suspended.
      const isBusy = app.memoryUsage().eventLoopUtilized > busyUtilization;
      if (type === underPressure.TYPE_EVENT_LOOP_DELAY && !isBusy) return;
      const isShed = request.routeOptions.config.isShed ?? isProtected(request);
      if (isShed) throw overloadedProblem();
    },
  });
}
