import { type Execution, isRunning } from '../step-functions/execution.ts';

/**
 * `2 × redriveCount`, and 1 more once it has ended. A later state of an execution always has a
 * higher rank, so observations of it may arrive in any order and more than once. PENDING_REDRIVE
 * lies between an end and the redrive, which alone raises the count.
 */
export function rankOf({ status, redriveCount = 0 }: Pick<Execution, 'status' | 'redriveCount'>) {
  if (status === 'PENDING_REDRIVE') return 2 * redriveCount + 1.5;
  return 2 * redriveCount + (isRunning({ status }) ? 0 : 1);
}
