import { pino } from 'pino';
import { buildApp } from './app.ts';
import { InvalidSettings, loadEnvironment, readSettings } from './settings.ts';

/**
 * Exits with 0 if the service would be ready with these settings, and with 1 if not. A deployment
 * runs this before it starts the service, so that a broken release does not replace a working one.
 */
try {
  const settings = readSettings(loadEnvironment());
  const logger = pino({ level: settings.logLevel }, pino.destination({ dest: 1, sync: true }));
  const app = await buildApp(settings, logger);
  const { statusCode } = await app.inject('/health/ready');
  await app.close();
  process.exitCode = statusCode === 200 ? 0 : 1;
} catch (error) {
  if (!(error instanceof InvalidSettings)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
