/**
 * Fails every test that logs personal data or a secret. Vitest runs this before each test file. It
 * subscribes to pino's diagnostics channel, which has every line of every logger in the process at
 * every level, so no test has to pass its log on.
 */
import { subscribe } from 'node:diagnostics_channel';
import { afterEach } from 'vitest';
import { z } from 'zod';

/** Marks text that must not be logged: `${planted}-name`, for example. */
export const planted = 'planted';

const forbidden = new RegExp(
  [
    `${planted}[-0-9]`,
    // The users in our fixtures, and any e-mail address.
    'API Gateway User|Jane Doe|FRIEND2025',
    '[\\w.+-]+@[\\w-]+\\.(?:com|org|net)\\b',
    // Any JWT, and any bearer token.
    'eyJ[\\w-]+\\.',
    'bearer [\\w-]',
  ].join('|'),
  'i',
);

const findings: string[] = [];
let lines = 0;

const written = z.object({ result: z.string() });
subscribe('tracing:pino_asJson:end', (message) => search(written.parse(message).result));

/** Searches a line. Only the lines of other processes have to be passed here. */
export function search(line: string): void {
  lines += 1;
  if (forbidden.test(line)) findings.push(line);
}

/** Returns and clears the offending lines. */
export function takeFindings(): string[] {
  return findings.splice(0);
}

/** The number of lines searched so far in this test file. */
export function searchedLines(): number {
  return lines;
}

afterEach(() => {
  const [line] = takeFindings();
  if (line !== undefined) throw new Error(`This must not be logged: ${line}`);
});
