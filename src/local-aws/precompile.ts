import { keepCompiledCode } from './compile-cache.ts';

// npm runs this after an install, so that even the first `npm run dev` finds compiled modules. It
// starts everything on free ports and sends one request.
keepCompiledCode();

const { localEnvironment } = await import('./environment.ts');
const { startLocalAws } = await import('./local-aws.ts');
const { readSettings } = await import('../settings.ts');
const { buildApp } = await import('../app.ts');
const { exampleRequest } = await import('../onboarding/request.ts');
const { createRecorder } = await import('./console/recorder.ts');
const { startConsole } = await import('./console/start-console.ts');
const { pino } = await import('pino');
await Promise.all([
  import('../main.ts'),
  import('./banner.ts'),
  import('./execution-log.ts'),
  import('pino-pretty'),
]);

const free = { port: 0, variable: '' };
const aws = await startLocalAws({
  ports: { stepFunctions: free, dynamoDb: free, sqs: free, apiGateway: free },
});
const recorder = createRecorder(aws.executions);
const environment = localEnvironment({});
Object.assign(process.env, environment);
const app = await buildApp(
  readSettings({ ...environment, AWS_ENDPOINT_URL_SFN: aws.stepFunctionsUrl }),
  pino({ level: 'silent' }),
);
const url = await app.listen({ host: '127.0.0.1', port: 0 });
await fetch(`${url}/process-user-onboarding-sync`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(exampleRequest),
});
const console = await startConsole(free, { ...aws, recorder, serviceUrl: url });
await fetch(`${console.url}/api/executions`);
await console.close();
await app.close();
await aws.close();
