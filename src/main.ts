import closeWithGrace from 'close-with-grace';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { type DestinationStream, type Logger, pino } from 'pino';
import { buildApp } from './app.ts';
import { InvalidSettings, loadEnvironment, readSettings, type Settings } from './settings.ts';
import { startTracing } from './tracing/start-tracing.ts';
import type { Tracing } from './tracing/tracing.ts';

// Node's default, 511, drops connections when thousands of clients connect at once. 4096 is Linux's
// default limit.
const backlog = 4096;
/** For a stop without requests in flight, which takes a moment too. */
const minCloseMilliseconds = 500;

/**
 * Starts the service, which runs until a signal stops the process. Resolves to the URL of the
 * service once it listens.
 *
 * @param options.destination where log lines go; standard output by default
 * @param options.startTracing called before the server is built; by default, tracing is off
 * @throws {InvalidSettings} the service cannot listen at this address
 * @throws the errors of `startTracing`
 */
export async function serve(
  settings: Settings,
  options: {
    destination?: DestinationStream;
    startTracing?(logger: FastifyBaseLogger): Promise<Tracing | undefined>;
  } = {},
): Promise<string> {
  const logger = pino({ level: settings.logLevel }, options.destination ?? pino.destination(1));
  // Closes what has started if the start fails, in reverse order.
  await using starting = new AsyncDisposableStack();
  const tracing = await options.startTracing?.(logger);
  starting.defer(() => tracing?.stop());
  const app = await buildApp(settings, logger, tracing);
  starting.defer(() => app.close());
  // Before Fastify logs that it listens, as a signal may follow at once; but not before it listens,
  // so that a failed start exits with an error.
  app.server.once('listening', () => stopOnSignals(app, settings, logger, tracing));
  const url = await app
    .listen({ host: settings.host, port: settings.port, backlog })
    .catch((error: unknown) => {
      throw cannotListen(error, settings.port) ?? error;
    });
  starting.move();
  for (const warning of settings.warnings) logger.warn(warning);
  return url;
}

function stopOnSignals(
  app: FastifyInstance,
  settings: Settings,
  logger: Logger,
  tracing: Tracing | undefined,
): void {
  const { close } = closeWithGrace(
    {
      delay:
        settings.shutdownDelaySeconds * 1000 +
        Math.max(settings.shutdownGraceSeconds * 1000, minCloseMilliseconds),
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
      logger.error({ signal }, 'exiting at once; requests in flight get no response');
      process.exit(1);
    }
    logger.info({ signal }, 'stopping');
    void close();
  });
}

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
const duplicateMilliseconds = 500;

/**
 * Calls `listener` for the first stop signal and for repeated ones. Ctrl-C and some supervisors
 * signal the whole process group, and npm forwards the signal too. So a signal within half a second
 * of the first is a duplicate, and is ignored.
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
    return new InvalidSettings(`Port ${port} needs privileges. Set PORT to a port above 1023.`);
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
