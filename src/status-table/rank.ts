import { type Execution, isRunning } from '../step-functions/execution.ts';

/**
 * Returns the rank of a state of an execution: `2 × redriveCount`, plus 1 if it has ended. A later
 * state always has a higher rank, so observations may arrive in any order and more than once.
 * PENDING_REDRIVE ranks between the end and the redrive, since only the redrive increases the count.
 */
export function rankOf({ status, redriveCount = 0 }: Pick<Execution, 'status' | 'redriveCount'>) {
  if (status === 'PENDING_REDRIVE') return 2 * redriveCount + 1.5;
  return 2 * redriveCount + (isRunning({ status }) ? 0 : 1);
}
