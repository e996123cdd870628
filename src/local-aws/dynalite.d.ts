/** The part of dynalite 4 that local AWS uses. dynalite ships no types. */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  function dynalite(options?: {
    /** How long a new table stays in CREATING, in milliseconds; 500 by default. */
    createTableMs?: number;
  }): Server;
  export = dynalite;
}
