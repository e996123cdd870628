/** What is used of dynalite 4, which ships no types. */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  function dynalite(options?: {
    /** Milliseconds a new table stays in CREATING; 500 by default. */
    createTableMs?: number;
  }): Server;
  export = dynalite;
}
