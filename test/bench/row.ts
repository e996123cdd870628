import type { Peer } from './servers/server.ts';

/** A row of the table: what was measured, and the figure of each peer that it was measured for. */
export interface Row extends Readonly<Partial<Record<Peer, string>>> {
  readonly measure: string;
  readonly target?: { readonly text: string; readonly isMet: boolean };
}

/** A part of the benchmark that can run on its own. */
export interface Case {
  readonly name: string;
  run(): Promise<readonly Row[]>;
}
