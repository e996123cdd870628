import { createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import type { SendTaskFailureInput, SendTaskSuccessInput } from '@aws-sdk/client-sfn';
import { z } from 'zod';
import { type CreateCallbackTask, type Json, StatesError } from '../states-language/execution.ts';
import { type Operations, operation } from './operation.ts';
import { data } from './request-members.ts';
import { ServiceError } from './service-error.ts';

interface Pending {
  succeed(output: Json): void;
  fail(error: StatesError): void;
  beat(): void;
}

export interface TaskTokens {
  readonly create: CreateCallbackTask;
  readonly operations: Operations;
}

const taskToken = z.string().min(1).max(2048);
const success = z.object({ taskToken, output: data });
const failure = z.object({
  taskToken,
  error: z.string().max(256).optional(),
  cause: z.string().max(32_768).optional(),
});

/** Creates task tokens, and the operations that Tasks wait for, such as SendTaskSuccess. */
export function createTaskTokens(): TaskTokens {
  const pending = new Map<string, Pending>();
  // The signature distinguishes the token of an ended Task from one that never existed.
  const key = randomBytes(32);
  const sign = (id: string) => createHmac('sha256', key).update(id).digest('base64url');

  function find(token: string): Pending {
    const task = pending.get(token);
    if (task) return task;
    const [id = '', signature = ''] = Buffer.from(token, 'base64url').toString().split('.');
    const [given, expected] = [Buffer.from(signature), Buffer.from(sign(id))];
    if (given.length === expected.length && timingSafeEqual(given, expected)) {
      const message = "Task Timed Out: 'Provided task does not exist anymore'";
      throw new ServiceError('TaskTimedOut', message);
    }
    throw new ServiceError('InvalidToken', "Invalid Token: 'Invalid token'");
  }

  return {
    create(signal) {
      const id = randomUUID();
      const token = Buffer.from(`${id}.${sign(id)}`).toString('base64url');
      const { promise: result, resolve, reject } = Promise.withResolvers<Json>();
      // SendTaskFailure may come before the Task awaits the result.
      result.catch(() => undefined);
      let heartbeat = new AbortController();
      pending.set(token, {
        succeed: resolve,
        fail: reject,
        beat() {
          heartbeat.abort();
          heartbeat = new AbortController();
        },
      });
      signal.addEventListener('abort', () => pending.delete(token), { once: true });
      return { token, result, nextHeartbeat: () => heartbeat.signal };
    },
    operations: {
      SendTaskSuccess: operation(success, (request) => {
        const { taskToken: token, output } = request satisfies SendTaskSuccessInput;
        const task = find(token);
        task.succeed(readOutput(output));
        pending.delete(token);
        return {};
      }),
      SendTaskFailure: operation(failure, (request) => {
        const { taskToken: token, error = '', cause = '' } = request satisfies SendTaskFailureInput;
        find(token).fail(new StatesError(error, cause));
        pending.delete(token);
        return {};
      }),
      SendTaskHeartbeat: operation(z.object({ taskToken }), (request) => {
        find(request.taskToken).beat();
        return {};
      }),
    },
  };
}

function readOutput(output: string): Json {
  try {
    return JSON.parse(output);
  } catch {
    // V8's own message quotes the output, which may hold personal data.
    throw new ServiceError('InvalidOutput', "Invalid Output: 'The output is not valid JSON.'");
  }
}
