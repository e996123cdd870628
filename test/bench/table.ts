import { availableParallelism, cpus, platform, totalmem } from 'node:os';
import type { Row } from './row.ts';

/** A sentence about the machine of the measurement. */
export function machine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `Measured by \`npm run bench\` on ${availableParallelism()} cores (${model}), ${gigabytes} GB, ${platform()}, Node ${process.version}.`;
}

/** The figures as a Markdown table. */
export function table(rows: readonly Row[]): string {
  const lines = rows.map(({ measure, target, ...figures }) => [
    measure,
    figures['straight port'] ?? '–',
    figures.floor ?? '–',
    figures['plain client'] ?? '–',
    figures.ours ?? '–',
    target ? `${target.text}: ${target.isMet ? 'met' : '**missed**'}` : '',
  ]);
  return [
    ['', 'straight port', 'floor', 'plain client', 'ours', 'target'],
    ['---', '---', '---', '---', '---', '---'],
    ...lines,
  ]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}
