import { keepCompiledCode } from './compile-cache.ts';

keepCompiledCode();

const { localEnvironment, readPorts } = await import('./environment.ts');
const { startLocalAws } = await import('./local-aws.ts');
const { PortUnavailable } = await import('./loopback-server.ts');
const { serve } = await import('../main.ts');
const { pino } = await import('pino');
const { default: pretty } = await import('pino-pretty');
const { InvalidSettings, readSettings } = await import('../settings.ts');
const { logExecutions, logGatewayCall } = await import('./execution-log.ts');
const { InvalidWorkflow } = await import('../workflow/definition.ts');
const { createRecorder } = await import('./console/recorder.ts');
const { startConsole } = await import('./console/start-console.ts');
const { banner } = await import('./banner.ts');

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
