import { constants, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import type jsonata from 'jsonata';
import type { EvaluationRequest, EvaluationResponse, WorkerReady } from './evaluation-worker.ts';
import { compileWithFunctions, evaluateCompiled, messageOf } from './jsonata-engine.ts';

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

parentPort?.postMessage('ready' satisfies WorkerReady);
parentPort?.on('message', async (request: EvaluationRequest) => {
  parentPort?.postMessage(await respond(request));
});
