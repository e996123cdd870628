import { z } from 'zod';
import { startChild } from '../child.ts';
import type { Case } from '../row.ts';
import { percentile } from '../statistics.ts';
import { count, megabytes, seconds } from '../units.ts';

const resultSchema = z.object({
  ends: z.int(),
  /** From the write of an end to its report, in milliseconds of the virtual clock. */
  delays: z.array(z.number()),
  /** The heap while all processes together watch 100,000 executions. */
  heapBytes: z.number(),
  /** The CPU time of all processes together, while executions end. */
  cpuMicroseconds: z.number(),
  processSeconds: z.number(),
  describes: z.int(),
  reads: z.int(),
  itemsRead: z.int(),
  queries: z.int(),
  changesRead: z.int(),
});

/** 100,000 executions watched by ten processes; 300 end each second of a virtual clock. */
export const hundredThousand: Case = {
  name: 'hundred-thousand',
  async run() {
    const child = startChild('./servers/ten-processes.ts', { execArgv: ['--expose-gc'] });
    const result = await child.call('run', null, resultSchema);
    await child.stop();
    const each = (total: number) => (total / result.processSeconds).toFixed(1);
    const [half, most] = [0.5, 0.99].map((share) => percentile(result.delays, share) / 1000);
    return [
      {
        measure:
          '100,000 executions, 10 processes, 300 ends a second: reported, after (median, 99 %)',
        ours: `${count(result.delays.length)} of ${count(result.ends)}; ${seconds(half ?? 0)}, ${seconds(most ?? 0)}; ${result.describes} described`,
        target: {
          text: 'all, 99 % within 2 s, none described',
          isMet: result.delays.length === result.ends && (most ?? 9) <= 2 && result.describes === 0,
        },
      },
      {
        measure: 'The same: table reads by a process each second',
        ours: `${each(result.reads)} BatchGetItem of ${each(result.itemsRead)} items, ${each(result.queries)} reads of changes with ${each(result.changesRead)} of them`,
      },
      {
        measure: 'The same: CPU of a process; heap for an execution that is watched',
        ours: `${((result.cpuMicroseconds / result.processSeconds / 1e6) * 100).toFixed(1)} % of a core; ${(result.heapBytes / 100_000 / 1000).toFixed(1)} KB (${megabytes(result.heapBytes)} in all)`,
      },
    ];
  },
};
