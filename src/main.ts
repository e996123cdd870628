import closeWithGrace from 'close-with-grace';
import type { FastifyBaseLogger } from 'fastify';
import { type DestinationStream, pino } from 'pino';
import { buildApp } from './app.ts';
import { InvalidSettings, loadEnvironment, readSettings, type Settings } from './settings.ts';
import { startTracing } from './tracing/start-tracing.ts';
import type { Tracing } from './tracing/tracing.ts';

// Node's default, 511, refuses callers when thousands connect at once. Linux's limit is 4096.
const backlog = 4096;

/**
 * Runs the service until the process is signalled to stop. Resolves to its URL once it listens.
 *
 * @param options.destination where log lines go; standard output by default
 * @param options.startTracing called before the server is built; without it nothing is traced
 * @throws {InvalidSettings} it cannot listen, or what `startTracing` throws
 */
export async function serve(
  settings: Settings,
  options: {
    destination?: DestinationStream;
    startTracing?(logger: FastifyBaseLogger): Promise<Tracing | undefined>;
  } = {},
): Promise<string> {
  const logger = pino({ level: settings.logLevel }, options.destination ?? pino.destination(1));
  const tracing = await options.startTracing?.(logger);
  const app = await buildApp(settings, logger, tracing);
  const url = await app
    .listen({ host: settings.host, port: settings.port, backlog })
    .catch((error: unknown) => {
      throw cannotListen(error, settings.port) ?? error;
    });
  for (const warning of settings.warnings) logger.warn(warning);
  // Register signal handlers only once we listen, so that a failed start exits with an error.
  const { close } = closeWithGrace(
    {
      delay: (settings.shutdownDelaySeconds + settings.shutdownGraceSeconds) * 1000,
      logger,
      skip: [...stopSignals],
    },
    async ({ err }) => {
      if (err) logger.fatal({ err }, 'stopping after an unhandled error');
      await app.close();
      await tracing?.stop();
    },
  );
  onStopSignal((signal, isRepeated) => {
    if (isRepeated) {
      logger.error({ signal }, 'stopping at once; requests in flight get no response');
      process.exit(1);
    }
    logger.info({ signal }, 'stopping');
    void close();
  });
  return url;
}

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
const duplicateMilliseconds = 500;

/**
 * Ctrl-C signals the whole process group, and so do some supervisors; npm passes the signal on as
 * well. So a signal that follows the first within half a second is the same one.
 */
function onStopSignal(listener: (signal: NodeJS.Signals, isRepeated: boolean) => void): void {
  let firstAt: number | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    if (firstAt === undefined) {
      firstAt = performance.now();
      listener(signal, false);
    } else if (performance.now() - firstAt > duplicateMilliseconds) {
      listener(signal, true);
    }
  };
  for (const signal of stopSignals) process.on(signal, onSignal);
}

function cannotListen(error: unknown, port: number): InvalidSettings | undefined {
  if (!(error instanceof Error && 'code' in error && 'syscall' in error)) return undefined;
  if (error.code === 'EADDRINUSE') {
    return new InvalidSettings(`Port ${port} is taken. Set PORT to another port.`);
  }
  if (error.code === 'EACCES') {
    return new InvalidSettings('PORT is not for this user: expected one above 1023');
  }
  if (error.syscall !== 'listen' && error.syscall !== 'getaddrinfo') return undefined;
  return new InvalidSettings(`HOST is wrong (${error.code}): expected an address of this machine`);
}

if (import.meta.main) {
  try {
    const environment = loadEnvironment();
    const settings = readSettings(environment);
    await serve(settings, { startTracing: (logger) => startTracing(environment, logger) });
  } catch (error) {
    if (!(error instanceof InvalidSettings)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
