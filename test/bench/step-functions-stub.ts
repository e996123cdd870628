import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { z } from 'zod';
import {
  errorResponse,
  executionArnOf,
  expressArn,
  type StubResponse,
} from '../support/step-functions-stub/executions.ts';
import { sendResponse } from '../support/step-functions-stub/faults.ts';
import { createQuotas } from '../support/step-functions-stub/quotas.ts';
import { serveCalls } from './remote-calls.ts';
import { benchArn, type callsSchema, scenarioSchema } from './scenario.ts';

const membersSchema = z.object({
  name: z.string().optional(),
  executionArn: z.string().optional(),
  nextToken: z.string().optional(),
});

const pageSize = 1000;
const output = JSON.stringify({ userId: 'user-88888', status: 'onboarded' });

// A stub of Step Functions for the benchmark: simpler than that of the tests, and fast enough not to
// be the bottleneck.
let scenario = scenarioSchema.parse({});
let beganAt = Date.now();
let takeToken = createQuotas({});
let calls: z.infer<typeof callsSchema> = {};

function endOf(index: number): number {
  const { ends, firstEndMilliseconds, endsPerSecond } = scenario;
  if (index >= ends) return Number.POSITIVE_INFINITY;
  return beganAt + firstEndMilliseconds + (index / endsPerSecond) * 1000;
}

function describe(executionArn: string): StubResponse {
  const index = Number(executionArn.slice(benchArn(0).length - 1));
  if (!(index < scenario.executions)) return errorResponse('ExecutionDoesNotExist');
  const running = { executionArn, status: 'RUNNING', startDate: beganAt / 1000 };
  const end = endOf(index);
  if (end > Date.now()) return { status: 200, body: running };
  return {
    status: 200,
    body: { ...running, status: 'SUCCEEDED', stopDate: end / 1000, output },
  };
}

/** Lists running executions by number, so that pages do not shift as executions end. */
function list(from: number): StubResponse {
  const now = Date.now();
  const page = [];
  let index = from;
  for (; index < scenario.executions && page.length < pageSize; index += 1) {
    if (endOf(index) > now) page.push({ executionArn: benchArn(index), startDate: beganAt / 1000 });
  }
  const nextToken = index < scenario.executions ? String(index) : undefined;
  return { status: 200, body: { executions: page, nextToken } };
}

function carryOut(operation: string, members: z.infer<typeof membersSchema>): StubResponse {
  const seconds = Date.now() / 1000;
  switch (operation) {
    case 'StartExecution':
      return {
        status: 200,
        body: { executionArn: executionArnOf(members.name ?? ''), startDate: seconds },
      };
    case 'StartSyncExecution':
      return {
        status: 200,
        body: {
          executionArn: `${expressArn.replace(':stateMachine:', ':express:')}:bench:1`,
          status: 'SUCCEEDED',
          output,
          startDate: seconds - scenario.syncMilliseconds / 1000,
          stopDate: seconds,
        },
      };
    case 'DescribeExecution':
      return describe(members.executionArn ?? '');
    case 'ListExecutions':
      return list(Number(members.nextToken ?? 0));
    default:
      return errorResponse('UnknownOperationException');
  }
}

function respond(operation: string, body: string, response: ServerResponse): void {
  const counted = calls[operation] ?? { received: 0, throttled: 0 };
  calls[operation] = counted;
  counted.received += 1;
  if (!takeToken(operation)) {
    counted.throttled += 1;
    sendResponse(response, errorResponse('ThrottlingException', 'Rate exceeded'));
    return;
  }
  const send = () =>
    sendResponse(response, carryOut(operation, membersSchema.parse(JSON.parse(body))));
  if (operation === 'StartSyncExecution' && scenario.syncMilliseconds > 0) {
    setTimeout(send, scenario.syncMilliseconds);
  } else send();
}

const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    const operation = String(request.headers['x-amz-target']).replace('AWSStepFunctions.', '');
    respond(operation, body, response);
  });
});
server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 });
await once(server, 'listening');
serveCalls({
  address: () => server.address(),
  play(details) {
    scenario = scenarioSchema.parse(details);
    takeToken = createQuotas(scenario.quotas);
    beganAt = scenario.beginsAt ?? Date.now();
    calls = {};
  },
  calls: () => calls,
});
