import { z } from 'zod';
import { startChild } from './child.ts';
import { callsSchema, type Scenario } from './scenario.ts';

/** The stub of Step Functions, in its own process so that its CPU time is not measured. */
export interface Stub {
  readonly url: string;
  /** Begins a scenario, and resets the counts of calls. */
  play(scenario: Scenario): Promise<void>;
  calls(): Promise<z.infer<typeof callsSchema>>;
  stop(): Promise<void>;
}

export async function startStub(): Promise<Stub> {
  const child = startChild('./step-functions-stub.ts');
  const { port } = await child.call('address', null, z.object({ port: z.int() }));
  return {
    url: `http://127.0.0.1:${port}`,
    play: async (scenario) => {
      await child.call('play', scenario, z.undefined());
    },
    calls: () => child.call('calls', null, callsSchema),
    stop: () => child.stop(),
  };
}
