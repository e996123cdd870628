import { existsSync, readlinkSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { basename } from 'node:path';
import { parentPort } from 'node:worker_threads';
import type jsonata from 'jsonata';
import { compileWithFunctions, evaluateCompiled, messageOf } from './jsonata-engine.ts';
import type { EvaluationRequest, EvaluationResponse, WorkerReady } from './jsonata-workers.ts';

// Evaluates one expression at a time, without a timeout: the main thread terminates this worker if an
// evaluation takes too long.

// On Linux this lowers the priority of this thread only, so that it does not slow down the service. On
// other systems it would lower that of the whole process.
if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

const maxCompiled = 100;
const compiledExpressions = new Map<string, jsonata.Expression>();

function compiledExpression(source: string): jsonata.Expression {
  const existing = compiledExpressions.get(source);
  if (existing) return existing;
  if (compiledExpressions.size >= maxCompiled) compiledExpressions.clear();
  const compiled = compileWithFunctions(source);
  compiledExpressions.set(source, compiled);
  return compiled;
}

async function respond({ source, bindings }: EvaluationRequest): Promise<EvaluationResponse> {
  try {
    return { value: await evaluateCompiled(compiledExpression(source), bindings) };
  } catch (error) {
    return { message: messageOf(error) };
  }
}

/** The kernel's id of this thread, on Linux: proc(5), `/proc/thread-self`. */
function threadId(): number | undefined {
  const self = '/proc/thread-self';
  return existsSync(self) ? Number(basename(readlinkSync(self))) : undefined;
}

parentPort?.postMessage({ threadId: threadId() } satisfies WorkerReady);
parentPort?.on('message', async (request: EvaluationRequest) => {
  parentPort?.postMessage(await respond(request));
});
