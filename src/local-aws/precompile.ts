import { pino } from 'pino';
import 'pino-pretty';
import { buildApp } from '../app.ts';
import '../main.ts';
import { exampleRequest } from '../onboarding/request.ts';
import { readSettings } from '../settings.ts';
import './banner.ts';
import { createRecorder } from './console/recorder.ts';
import { startConsole } from './console/start-console.ts';
import { localEnvironment } from './environment.ts';
import './execution-log.ts';
import { startLocalAws } from './local-aws.ts';

// npm runs this after an install, so that even the first `npm run dev` finds compiled modules. It
// starts everything on free ports and sends one request.
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
