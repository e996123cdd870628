import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  canonicalInput,
  normaliseMemberNames,
  onboardingRequestSchema,
} from '../../../src/onboarding/request.ts';
import { uniqueExecutionName } from '../../../src/step-functions/execution-names.ts';
import { createSignedCalls } from './signed-calls.ts';

// The least that Node needs for the same responses: no framework, no SDK, no log and no error
// handling. Only the validation is that of the service.
const call = createSignedCalls(process.env.AWS_ENDPOINT_URL_SFN ?? '', {
  region: process.env.AWS_REGION ?? '',
  accessKeyId: process.env.AWS_ACCESS_KEY_ID ?? '',
  secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY ?? '',
});

async function handle(request: IncomingMessage, body: string): Promise<[number, unknown]> {
  switch (request.url) {
    case '/process-user-onboarding': {
      const parsed = onboardingRequestSchema.parse(normaliseMemberNames(JSON.parse(body)));
      const { userId } = parsed.user;
      const { executionArn } = await call('StartExecution', {
        stateMachineArn: process.env.STEP_FUNCTIONS_WORKFLOW_ARN,
        name: uniqueExecutionName(userId),
        input: canonicalInput(parsed),
      });
      return [202, { message: 'User onboarding started', executionArn, trackingId: userId }];
    }
    case '/process-user-onboarding-sync': {
      const parsed = onboardingRequestSchema.parse(normaliseMemberNames(JSON.parse(body)));
      const { status, executionArn, output, startDate, stopDate } = await call(
        'StartSyncExecution',
        {
          stateMachineArn: process.env.STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS,
          input: canonicalInput(parsed),
        },
      );
      return [200, { status, executionArn, output, startDate, stopDate }];
    }
    default:
      return [404, {}];
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response
    .writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    })
    .end(text);
}

const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    handle(request, body).then(
      ([status, result]) => send(response, status, result),
      () => send(response, 500, {}),
    );
  });
});
server.listen({ host: '127.0.0.1', port: Number(process.env.PORT), backlog: 4096 });
