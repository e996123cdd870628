import { Writable } from 'node:stream';
import { pino } from 'pino';
import { buildApp } from '../../../src/app.ts';
import { createRecorder } from '../../../src/local-aws/console/recorder.ts';
import { startConsole } from '../../../src/local-aws/console/start-console.ts';
import { localEnvironment } from '../../../src/local-aws/environment.ts';
import type { LocalAwsOptions } from '../../../src/local-aws/local-aws.ts';
import { readSettings } from '../../../src/settings.ts';
import { startWithClients } from '../local-aws-clients.ts';

/** Starts local AWS, the production service on it, and the console, on free ports. */
export async function startWithConsole(options: Omit<LocalAwsOptions, 'ports'> = {}) {
  const local = await startWithClients(options);
  const recorder = createRecorder(local.aws.executions);
  const settings = readSettings({
    ...localEnvironment({}),
    AWS_ENDPOINT_URL_SFN: local.aws.stepFunctionsUrl,
    MAX_EVENT_LOOP_DELAY_MILLISECONDS: '0',
  });
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const service = await buildApp(settings, pino({ level: 'silent' }, nowhere));
  const serviceUrl = await service.listen({ host: '127.0.0.1', port: 0 });
  const console = await startConsole(
    { port: 0, variable: 'LOCAL_CONSOLE_PORT' },
    { ...local.aws, recorder, serviceUrl },
  );
  return {
    ...local,
    url: console.url,
    serviceUrl,
    async close() {
      await console.close();
      await service.close();
      await local.close();
    },
  };
}

export type WithConsole = Awaited<ReturnType<typeof startWithConsole>>;
