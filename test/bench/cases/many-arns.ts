import { z } from 'zod';
import { startChild } from '../child.ts';
import type { Case } from '../row.ts';
import { megabytes } from '../units.ts';

const checkpointSchema = z.object({ heapBytes: z.number(), residentBytes: z.number() });

/**
 * The memory of a process after polls of 1,000,000 different executions. It polls
 * src/execution-statuses directly, as over HTTP and the SDK this would take a quarter of an hour.
 */
export const manyArns: Case = {
  name: 'many-arns',
  async run() {
    const child = startChild('./servers/status-machinery.ts', { execArgv: ['--expose-gc'] });
    const pollUpTo = (to: number) => child.call('pollStatuses', to, checkpointSchema);
    const early = await pollUpTo(200_000);
    const middle = await pollUpTo(600_000);
    const late = await pollUpTo(1_000_000);
    await child.stop();
    return [
      {
        measure: 'Heap after 200,000, 600,000 and 1,000,000 different ARNs',
        ours: [early, middle, late].map(({ heapBytes }) => megabytes(heapBytes)).join(', '),
        // A collection leaves some 10 MB more or less; a leak of 100 bytes an ARN would add 80 MB.
        target: { text: 'bounded', isMet: late.heapBytes <= early.heapBytes * 1.25 },
      },
      {
        measure: 'Resident memory after 200,000, 600,000 and 1,000,000 different ARNs',
        ours: [early, middle, late].map(({ residentBytes }) => megabytes(residentBytes)).join(', '),
      },
    ];
  },
};
