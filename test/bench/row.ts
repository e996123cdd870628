import type { Peer } from './servers/server.ts';

/** A line of the table: what was measured, for each of the peers that it was measured for. */
export interface Row extends Readonly<Partial<Record<Peer, string>>> {
  readonly measure: string;
  readonly target?: { readonly text: string; readonly isMet: boolean };
}

/** One question that the benchmark can answer. */
export interface Case {
  readonly name: string;
  run(): Promise<readonly Row[]>;
}
