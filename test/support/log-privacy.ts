/**
 * Every test fails in which anything is logged that nobody's log should hold. Vitest runs this
 * before each test file: pino tells of each line that any logger in the process writes, at
 * whatever level, so no test has to hand its log over.
 */
import { subscribe } from 'node:diagnostics_channel';
import { afterEach } from 'vitest';
import { z } from 'zod';

/** To be part of whatever must not be logged: `${planted}-name`, say. */
export const planted = 'planted';

const forbidden = new RegExp(
  [
    `${planted}[-0-9]`,
    // The users of our fixtures, and any e-mail address but that of a package's author.
    'API Gateway User|Jane Doe|FRIEND2025',
    '[\\w.+-]+@[\\w-]+\\.(?:com|org|net)\\b',
    // Any JWT, and what carries it.
    'eyJ[\\w-]+\\.',
    'bearer [\\w-]',
  ].join('|'),
  'i',
);

const findings: string[] = [];
let lines = 0;

const written = z.object({ result: z.string() });
subscribe('tracing:pino_asJson:end', (message) => search(written.parse(message).result));

/** For what another process has logged. */
export function search(line: string): void {
  lines += 1;
  if (forbidden.test(line)) findings.push(line);
}

/** The lines found since this was last asked, which are forgotten then. */
export function takeFindings(): string[] {
  return findings.splice(0);
}

/** How many lines have been searched in this test file. */
export function searchedLines(): number {
  return lines;
}

afterEach(() => {
  const [line] = takeFindings();
  if (line !== undefined) throw new Error(`This must not be logged: ${line}`);
});
