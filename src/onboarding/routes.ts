import type { FastifyInstance } from 'fastify';
import type { EventStreams } from '../http/event-stream.ts';
import type { Settings } from '../settings.ts';
import type { WorkflowExecutions } from '../step-functions/workflow-executions.ts';
import { registerCancelRoute } from './cancel-route.ts';
import { registerListRoute } from './list-route.ts';
import { registerStartRoute } from './start-route.ts';
import { registerStatusRoute } from './status-route.ts';
import { registerStepsRoute } from './steps-route.ts';
import { registerSyncRoute } from './sync-route.ts';

declare module '../http/log-fields.ts' {
  interface RequestLogFields {
    executionArn?: string;
    /** The request id of the call to Step Functions, which AWS Support asks for. */
    awsRequestId?: string | undefined;
  }
}

/** Registers all routes that callers use. */
export function registerOnboardingRoutes(
  app: FastifyInstance,
  executions: WorkflowExecutions,
  streams: EventStreams,
  settings: Settings,
): void {
  registerSyncRoute(app, executions);
  registerStartRoute(app, executions, settings);
  registerStatusRoute(app, executions, streams, settings);
  registerStepsRoute(app, executions, settings);
  registerListRoute(app, executions);
  registerCancelRoute(app, executions, settings);
}
