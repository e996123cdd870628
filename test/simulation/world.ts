import { createAws } from './aws.ts';
import { createProcess, type Process } from './process.ts';

export type World = ReturnType<typeof createWorld>;

/**
 * Several processes of the service, in front of AWS.
 *
 * @param onDescribe called when a process calls DescribeExecution
 */
export function createWorld(
  seed: number,
  onDescribe: (process: Process, executionArn: string) => void,
) {
  const aws = createAws(seed);
  const { choices, clock, weather } = aws;
  /** The processes that accept requests. */
  const processes: Process[] = [];
  const counts = { processes: 0, crashes: 0 };

  function startProcess(): void {
    counts.processes += 1;
    const process = createProcess(aws, `process-${counts.processes}`, {
      onDescribe: (executionArn) => onDescribe(process, executionArn),
      onGone() {
        const index = processes.indexOf(process);
        if (process.crashed.aborted) counts.crashes += 1;
        if (index === -1) return;
        processes.splice(index, 1);
        clock.schedule(choices.whole(100, 5000), startProcess);
      },
    });
    processes.push(process);
  }

  for (let i = 0; i < weather.processes; i += 1) startProcess();
  return {
    ...aws,
    processes,
    counts,
    /** A random process that accepts requests; waits until there is one. */
    async someProcess(): Promise<Process> {
      for (;;) {
        const process = choices.pick(processes);
        if (process !== undefined) return process;
        await clock.sleep(200);
      }
    },
    /** The violations of invariants. */
    failures: [] as string[],
  };
}
