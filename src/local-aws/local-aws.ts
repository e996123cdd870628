import { recordStatus } from '../functions/record-status.ts';
import { createFunctionClients } from '../functions/statuses/function-clients.ts';
import { defaultTableName, statusTableDefinition } from '../status-table/definition.ts';
import { queues, tables, topics } from '../workflow/resources.ts';
import { type GatewayCall, startApiGateway } from './api-gateway/api-gateway.ts';
import { systemClock } from './clock.ts';
import { createWorkflow } from './create-workflow.ts';
import { startDynamoDb, tableDefinition } from './dynamodb.ts';
import { startEventBridge } from './event-bridge.ts';
import { dynamoDbIntegrations } from './integrations/dynamodb.ts';
import { type LambdaFunctions, lambdaIntegrations } from './integrations/lambda.ts';
import { snsIntegrations } from './integrations/sns.ts';
import { sqsIntegrations } from './integrations/sqs.ts';
import { loadFunctions } from './load-functions.ts';
import { type LoopbackPort, type LoopbackServer, serveOnLoopback } from './loopback-server.ts';
import { refuseBrowsers } from './refuse-browsers.ts';
import { startSqs } from './sqs.ts';
import type { Clock } from './states-language/execution.ts';
import { region } from './step-functions/arns.ts';
import { stepFunctionsEndpoint } from './step-functions/endpoint.ts';
import { executionOperations } from './step-functions/execution-operations.ts';
import {
  createExecutions,
  type ExecutionLimits,
  type Executions,
} from './step-functions/executions.ts';
import { stateMachineOperations } from './step-functions/state-machine-operations.ts';
import { createStateMachines, type StateMachines } from './step-functions/state-machines.ts';
import { testStateOperation } from './step-functions/test-state-operation.ts';

export interface LocalAwsOptions {
  readonly ports: Readonly<
    Record<'stepFunctions' | 'dynamoDb' | 'sqs' | 'apiGateway', LoopbackPort>
  >;
  /** The clock of Step Functions; the time of this machine by default. */
  readonly clock?: Clock;
  readonly limits?: ExecutionLimits;
  /** Linked from the page that a browser shows for each service. */
  readonly consoleUrl?: string | undefined;
  /** Lambda functions in addition to those of the workflow. */
  readonly functions?: LambdaFunctions;
  readonly statusTable?: string;
  readonly onGatewayCall?: ((call: GatewayCall) => void) | undefined;
}

/** URLs have no trailing slash. */
export interface LocalAws {
  readonly stepFunctionsUrl: string;
  readonly dynamoDbUrl: string;
  readonly sqsUrl: string;
  readonly apiGatewayUrl: string;
  /** By the queues' keys in `src/workflow/resources.ts`. */
  readonly queueUrls: ReadonlyMap<string, string>;
  /** The Standard state machine of the workflow. */
  readonly workflowArn: string;
  /** The Express state machine of the workflow. */
  readonly expressWorkflowArn: string;
  /** The name of the table that holds the statuses of the Standard state machine's executions. */
  readonly statusTable: string;
  /** For the console and the log. */
  readonly executions: Executions;
  readonly stateMachines: StateMachines;
  /** Aborts running executions and drops every connection. */
  close(): Promise<void>;
}

const mebibyte = 1024 * 1024;
const defaultLimits: ExecutionLimits = {
  open: 10_000,
  closed: 100_000,
  bytes: 256 * mebibyte,
  executionBytes: 16 * mebibyte,
};

/**
 * Starts, on loopback, every AWS service that this project needs: Step Functions with the workflow
 * as a Standard and an Express state machine, the workflow's tables, queues and functions, API
 * Gateway with the route that starts the workflow, and EventBridge, which updates the status table.
 *
 * @throws {PortUnavailable}
 * @throws {InvalidWorkflow}
 */
export async function startLocalAws({
  ports,
  clock = systemClock,
  limits = defaultLimits,
  consoleUrl,
  functions = new Map(),
  statusTable = defaultTableName,
  onGatewayCall,
}: LocalAwsOptions): Promise<LocalAws> {
  // Closes what has started if the start fails, in reverse order.
  await using starting = new AsyncDisposableStack();
  async function start<Server extends LoopbackServer>(service: Promise<Server>): Promise<Server> {
    return starting.adopt(await service, (server) => server.close());
  }
  const definitions = [
    ...Object.values(tables).map(tableDefinition),
    statusTableDefinition(statusTable),
  ];
  const dynamoDb = await start(startDynamoDb(ports.dynamoDb, definitions, consoleUrl));
  const sqs = await start(startSqs(ports.sqs, { queues, topics }, consoleUrl));
  const integrations = new Map([
    ...lambdaIntegrations(new Map([...(await loadFunctions()), ...functions])),
    ...dynamoDbIntegrations(dynamoDb.url),
    ...sqsIntegrations(sqs.url),
    ...snsIntegrations(sqs.url),
  ]);
  const stateMachines = createStateMachines(clock.now);
  const executions = createExecutions(clock, integrations, limits);
  starting.defer(() => executions.close());
  const endpoint = stepFunctionsEndpoint({
    ...executionOperations(executions, stateMachines),
    ...stateMachineOperations(stateMachines, clock.now),
    ...testStateOperation(clock, integrations),
  });
  const stepFunctions = await start(
    serveOnLoopback(
      refuseBrowsers(endpoint, {
        service: 'Step Functions',
        command: (url) => `aws stepfunctions list-state-machines --endpoint-url ${url}`,
        consoleUrl,
      }),
      ports.stepFunctions,
    ),
  );

  const { workflowArn, expressWorkflowArn } = createWorkflow(
    stateMachines,
    new Map([...sqs.queueUrls, ...sqs.topicArns]),
  );
  const clients = createFunctionClients(statusTable, {
    dynamoDb: accessTo(dynamoDb.url),
    stepFunctions: accessTo(stepFunctions.url),
  });
  starting.defer(() => clients.close());
  const stopEvents = startEventBridge(
    executions,
    {
      stateMachineArn: workflowArn,
      target: (event) => recordStatus(event, clients, workflowArn),
      onDeadLetter({ detail }, error) {
        process.stderr.write(
          `EventBridge could not deliver an event of the execution ${detail.name}: ${error}\n`,
        );
      },
    },
    clock,
  );
  starting.defer(stopEvents);
  const apiGateway = await start(
    startApiGateway(
      ports.apiGateway,
      { stepFunctionsUrl: stepFunctions.url, stateMachineArn: workflowArn },
      consoleUrl,
      onGatewayCall,
    ),
  );
  const started = starting.move();
  return {
    stepFunctionsUrl: stepFunctions.url,
    dynamoDbUrl: dynamoDb.url,
    sqsUrl: sqs.url,
    apiGatewayUrl: apiGateway.url,
    queueUrls: sqs.queueUrls,
    workflowArn,
    expressWorkflowArn,
    statusTable,
    executions,
    stateMachines,
    close: () => started.disposeAsync(),
  };
}

/** Returns the settings of an SDK client for a local service, which does not check credentials. */
function accessTo(endpoint: string) {
  return { endpoint, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
}
