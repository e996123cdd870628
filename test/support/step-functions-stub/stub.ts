import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from '../listen.ts';
import {
  type Behaviour,
  createStepFunctions,
  errorResponse,
  type Members,
  type Operation,
} from './executions.ts';
import { type Fault, sendResponse } from './faults.ts';

/** A call as the stub received it. */
export interface Call {
  readonly operation: Operation;
  readonly members: Members;
  /** What distinguishes calls of one operation: a name, an input or an ARN. */
  readonly key: string;
  /** The number of this call among those of the same operation and key, from 1. */
  readonly attempt: number;
}

export interface StubOptions extends Behaviour {
  /** The port to listen on; a free one by default. */
  readonly port?: number;
  /** Returns the fault of a call, if any; none by default. */
  readonly script?: (call: Call) => Fault | undefined;
}

export type StepFunctionsStub = Awaited<ReturnType<typeof startStepFunctionsStub>>;

const keyMembers: Readonly<
  Record<Operation, 'name' | 'input' | 'executionArn' | 'stateMachineArn'>
> = {
  StartExecution: 'name',
  StartSyncExecution: 'input',
  DescribeExecution: 'executionArn',
  StopExecution: 'executionArn',
  GetExecutionHistory: 'executionArn',
  ListExecutions: 'stateMachineArn',
  DescribeStateMachine: 'stateMachineArn',
};

/**
 * Step Functions behind a real socket: its wire protocol, its rules for names, its quotas, and by
 * script every fault between it and its callers. It keeps only executions and counts of calls.
 */
export async function startStepFunctionsStub({ script, port = 0, ...behaviour }: StubOptions = {}) {
  const stepFunctions = createStepFunctions(behaviour);
  const received = new Map<Operation, Map<string, number>>();
  let underWay = 0;

  function count(operation: Operation, members: Members): Call {
    const key = members[keyMembers[operation]] ?? '';
    const keys = received.get(operation) ?? new Map<string, number>();
    const attempt = (keys.get(key) ?? 0) + 1;
    received.set(operation, keys.set(key, attempt));
    return { operation, members, key, attempt };
  }

  function respond(request: IncomingMessage, response: ServerResponse, body: string): void {
    response.setHeader('x-amzn-requestid', randomUUID());
    const operation = String(request.headers['x-amz-target']).replace('AWSStepFunctions.', '');
    if (!isOperation(operation)) {
      sendResponse(response, errorResponse('UnknownOperationException'));
      return;
    }
    const members: Members = JSON.parse(body);
    const call = count(operation, members);
    const fault = script?.(call);
    underWay += 1;
    response.once('close', () => {
      underWay -= 1;
    });
    const carriedOut =
      fault?.isCarriedOut === false ? undefined : stepFunctions.carryOut(operation, members);
    const send = () => {
      if (fault) fault.respond(response, carriedOut);
      else if (carriedOut) sendResponse(response, carriedOut);
    };
    const milliseconds = stepFunctions.milliseconds(operation);
    if (milliseconds === 0 || carriedOut?.status !== 200) send();
    else setTimeout(send, milliseconds);
  }

  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => respond(request, response, Buffer.concat(chunks).toString()));
    request.on('error', () => response.destroy());
  });

  return {
    url: await listen(server, { port, backlog: 4096 }),
    executions: stepFunctions.executions,
    syncExecutions: stepFunctions.syncExecutions,
    /** The number of calls of an operation, by key. */
    received: (operation: Operation): ReadonlyMap<string, number> =>
      received.get(operation) ?? new Map(),
    /** The number of calls of an operation. */
    calls: (operation: Operation): number =>
      [...(received.get(operation)?.values() ?? [])].reduce((sum, each) => sum + each, 0),
    /** The number of calls whose connection still waits for a response. */
    underWay: () => underWay,
    async close(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function isOperation(name: string): name is Operation {
  return Object.hasOwn(keyMembers, name);
}
