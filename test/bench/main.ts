import { asyncStart } from './cases/async-start.ts';
import { heldCallers } from './cases/held-callers.ts';
import { hundredThousand } from './cases/hundred-thousand.ts';
import { manyArns } from './cases/many-arns.ts';
import { protection } from './cases/protection.ts';
import { push } from './cases/push.ts';
import { slowConnections } from './cases/slow-connections.ts';
import { startUp } from './cases/start-up.ts';
import { statusCrowd } from './cases/status-crowd.ts';
import { streams } from './cases/streams.ts';
import { sync } from './cases/sync.ts';
import { syncCrowd } from './cases/sync-crowd.ts';
import type { Row } from './row.ts';
import { machine, table } from './table.ts';

// `npm run bench` runs all cases, `npm run bench -- async-start held-callers` only these. It fails only
// when a case cannot be measured: a missed target is a figure like any other.
const groups = [
  [asyncStart],
  [protection],
  [sync],
  [syncCrowd],
  // Side by side: the crowd leaves a core free.
  [statusCrowd, manyArns],
  [heldCallers],
  [streams],
  [push],
  [hundredThousand],
  [slowConnections],
  [startUp],
];
const cases = groups.flat();
const names = process.argv.slice(2);
const unknown = names.filter((name) => !cases.some((each) => each.name === name));

if (unknown.length > 0) {
  const known = cases.map(({ name }) => name).join(', ');
  process.stderr.write(`No such case: ${unknown.join(', ')}. There are: ${known}\n`);
  process.exitCode = 1;
} else {
  const rows: Row[] = [];
  for (const group of groups) {
    const chosen = group.filter(({ name }) => names.length === 0 || names.includes(name));
    const began = performance.now();
    rows.push(...(await Promise.all(chosen.map(({ run }) => run()))).flat());
    const seconds = Math.round((performance.now() - began) / 1000);
    for (const { name } of chosen) process.stderr.write(`${name}: ${seconds} s\n`);
  }
  process.stdout.write(`\n${machine()}\n\n${table(rows)}\n`);
}
