import { Writable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { z } from 'zod';
import { buildApp } from '../../src/app.ts';
import { exampleRequest } from '../../src/onboarding/request.ts';
import { readSettings } from '../../src/settings.ts';
import { expressArn, standardArn } from './step-functions-stub/executions.ts';

export type Environment = Readonly<Record<string, string>>;

/** The environment of a service that reaches Step Functions at `url`. */
export function environmentFor(url: string): Environment {
  return {
    STEP_FUNCTIONS_WORKFLOW_ARN: standardArn,
    STEP_FUNCTIONS_WORKFLOW_ARN_EXPRESS: expressArn,
    AWS_ENDPOINT_URL_SFN: url,
    PORT: '0',
    // No load shedding: a busy machine must not fail the tests.
    MAX_EVENT_LOOP_DELAY_MILLISECONDS: '0',
  };
}

/** The SDK requires credentials; nothing checks these. */
export const credentials: Environment = {
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
};
Object.assign(process.env, credentials);

export const logLine = z.looseObject({
  level: z.number(),
  msg: z.string(),
  requestId: z.string().optional(),
});
export type LogLine = z.infer<typeof logLine>;

export interface RunningApp {
  readonly app: FastifyInstance;
  readonly url: string;
  /** All lines logged so far. */
  readonly log: readonly LogLine[];
  close(): Promise<void>;
}

/** Production's own app on a free port, with Step Functions at `url`. */
export async function startApp(url: string, settings: Environment = {}): Promise<RunningApp> {
  const log: LogLine[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      log.push(logLine.parse(JSON.parse(String(chunk))));
      done();
    },
  });
  const app = await buildApp(
    readSettings({ ...environmentFor(url), ...settings }),
    pino({ level: 'trace' }, destination),
  );
  const listening = await app.listen({ host: '127.0.0.1', port: 0 });
  return { app, url: listening, log, close: () => app.close() };
}

/** A valid body for both POST routes. */
export function onboardingRequest(userId = 'user-88888') {
  const { metadata, ...user } = exampleRequest.user;
  return { user: { ...user, userId, metadata: { ...metadata } } };
}
