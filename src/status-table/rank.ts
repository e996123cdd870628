import { type Execution, isRunning } from '../step-functions/execution.ts';

/**
 * `2 × redriveCount + (1 if ended)`. A later state of an execution always has a higher rank, so
 * observations of it may arrive in any order and more than once.
 */
export function rankOf(execution: Pick<Execution, 'status' | 'redriveCount'>): number {
  return 2 * (execution.redriveCount ?? 0) + (isRunning(execution) ? 0 : 1);
}
