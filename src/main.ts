import closeWithGrace from 'close-with-grace';
import { type DestinationStream, pino } from 'pino';
import { buildApp } from './app.ts';
import { InvalidSettings, loadEnvironment, readSettings, type Settings } from './settings.ts';

/**
 * Runs the service until it is told to stop: settings, listening, signals.
 *
 * @param destination where log lines go; standard output by default
 */
export async function serve(settings: Settings, destination?: DestinationStream): Promise<void> {
  const logger = pino({ level: settings.logLevel }, destination ?? pino.destination(1));
  const app = await buildApp(settings, logger);
  closeWithGrace(
    { delay: settings.shutdownGraceSeconds * 1000, logger },
    async ({ err, signal }) => {
      if (err) logger.fatal({ err }, 'stopping after an error that nobody handled');
      else logger.info({ signal }, 'stopping');
      await app.close();
    },
  );
  await app.listen({ host: settings.host, port: settings.port });
}

if (import.meta.main) {
  try {
    await serve(readSettings(loadEnvironment()));
  } catch (error) {
    if (!(error instanceof InvalidSettings)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
