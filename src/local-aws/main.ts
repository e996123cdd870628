import { pino } from 'pino';
import pretty from 'pino-pretty';
import { serve } from '../main.ts';
import { InvalidSettings, readSettings } from '../settings.ts';
import { InvalidWorkflow } from '../workflow/definition.ts';
import { banner } from './banner.ts';
import { createRecorder } from './console/recorder.ts';
import { startConsole } from './console/start-console.ts';
import { localEnvironment, readPorts } from './environment.ts';
import { logExecutions, logGatewayCall } from './execution-log.ts';
import { startLocalAws } from './local-aws.ts';
import { PortUnavailable } from './loopback-server.ts';

try {
  const environment = localEnvironment(process.env);
  const ports = readPorts(environment);
  const { port } = ports.console;
  const consoleUrl = port === 0 ? undefined : `http://127.0.0.1:${port}`;
  const destination = pretty({ ignore: 'pid,hostname', singleLine: true });
  // The settings hold the log level. They need the URLs of local AWS, so the level is set later.
  const logger = pino({ level: 'silent' }, destination);
  const aws = await startLocalAws({
    ports,
    consoleUrl,
    onGatewayCall: (call) => logGatewayCall(logger, call),
  });
  const recorder = createRecorder(aws.executions);
  // The AWS SDK reads its credentials from here.
  Object.assign(process.env, environment);
  const settings = readSettings({
    ...environment,
    AWS_ENDPOINT_URL_SFN: aws.stepFunctionsUrl,
    AWS_ENDPOINT_URL_DYNAMODB: aws.dynamoDbUrl,
    STATUS_TABLE: aws.statusTable,
  });
  // The service ends this process, local AWS included, once it has finished its requests.
  const url = await serve(
    {
      ...settings,
      executionLifetime: 'Local executions are lost when npm run dev ends.',
      externalDocs:
        consoleUrl === undefined
          ? undefined
          : { url: consoleUrl, description: 'Console of local AWS' },
    },
    { destination },
  );
  logger.level = settings.logLevel;
  logExecutions(aws.executions, logger);
  const console = await startConsole(ports.console, { ...aws, recorder, serviceUrl: url });
  process.stdout.write(banner(aws, url, console.url));
} catch (error) {
  if (
    !(
      error instanceof PortUnavailable ||
      error instanceof InvalidSettings ||
      error instanceof InvalidWorkflow
    )
  ) {
    throw error;
  }
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
