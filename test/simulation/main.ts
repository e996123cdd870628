import { parseArgs } from 'node:util';
import { simulate } from './simulate.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
  },
});
const [first, count] = values.seed
  ? [Number(values.seed), 1]
  : [Number(values.from), Number(values.seeds)];
const began = performance.now();
let failed = 0;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

for (let seed = first; seed < first + count; seed += 1) {
  const { failures, counts, weather } = await simulate(seed);
  if (values.seed) print(JSON.stringify({ counts, weather }, undefined, 2));
  if (failures.length === 0) continue;
  failed += 1;
  // The first failure may have caused the others.
  print(`seed ${seed}: ${failures.slice(0, 3).join('\n  ')}`);
  print(`  again: npm run simulate -- --seed ${seed}`);
}
const seconds = Math.round((performance.now() - began) / 1000);
print(`${count - failed} of ${count} seeds passed, in ${seconds} s`);
process.exitCode = failed === 0 ? 0 : 1;
