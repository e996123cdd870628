import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { FastifyInstance } from 'fastify';
import { isProtected } from './authentication/authentication.ts';
import { overloadedProblem } from './problem-details/http-problems.ts';
import type { HttpSettings } from './settings.ts';

/** An overloaded event loop is busy nearly all the time. After a suspension, it lags but is idle. */
const busyUtilization = 0.5;
const fullHeap = 0.9;
/** How often the delay of the event loop is sampled. */
const resolutionMilliseconds = 10;
const minIntervalMilliseconds = 250;

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
 *
 * Not `@fastify/under-pressure`, which calls `process.memoryUsage` on a timer. That opens a file on
 * Linux, so the process would end when its connections use up the file descriptors.
 */
export function registerLoadShedding(
  app: FastifyInstance,
  { maxEventLoopDelayMilliseconds }: Pick<HttpSettings, 'maxEventLoopDelayMilliseconds'>,
): void {
  let isOverloaded = false;
  const delays = monitorEventLoopDelay({ resolution: resolutionMilliseconds });
  delays.enable();
  let utilization = performance.eventLoopUtilization();

  function isLagging(): boolean {
    const delay = delays.mean / 1e6 - resolutionMilliseconds;
    delays.reset();
    const previous = utilization;
    utilization = performance.eventLoopUtilization();
    const isBusy =
      performance.eventLoopUtilization(utilization, previous).utilization > busyUtilization;
    // Without a sample, the delay is NaN: the event loop was blocked for the whole interval.
    return maxEventLoopDelayMilliseconds > 0 && isBusy && !(delay <= maxEventLoopDelayMilliseconds);
  }

  const timer = setInterval(
    () => {
      const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
      isOverloaded = isLagging() || used > limit * fullHeap;
    },
    // A longer delay must be one of the samples of its interval.
    Math.max(minIntervalMilliseconds, maxEventLoopDelayMilliseconds),
  );
  timer.unref();
  app.addHook('onClose', async () => {
    clearInterval(timer);
    delays.disable();
  });

  app.addHook('onRequest', (request, _reply, done) => {
    const isShed = request.routeOptions.config.isShed ?? isProtected(request);
    done(isOverloaded && isShed ? overloadedProblem() : undefined);
  });
}
