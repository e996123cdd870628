import { readFileSync, writeFileSync } from 'node:fs';

const measure = 'Async start, 32 at a time: requests per CPU second';
const plotted = /(?<=^<!-- Written by npm run docs:benchmark -->\n\n)```mermaid\n[\s\S]*?^```$/m;
const readme = new URL('README.md', import.meta.url);

/**
 * The text of README.md in this folder, with the plot drawn from the figures in its table.
 *
 * @throws {Error} README.md has no such row, or no place for the plot
 */
export function plottedReadme(): { readonly file: URL; readonly text: string } {
  const text = readFileSync(readme, 'utf8');
  const [names, figures] = ['', measure].map((first) => cellsOf(text, first));
  if (!names || !figures) throw new Error(`README.md has no row "${measure}".`);
  if (!plotted.test(text)) throw new Error('README.md has no place for the plot.');
  const bars = names
    .map((name, index) => ({ name, figure: leadingNumber(figures[index]) }))
    .filter(({ name, figure }) => name !== 'target' && !Number.isNaN(figure));
  return { file: readme, text: text.replace(plotted, () => plot(bars)) };
}

/** The cells after the first, of the first row that begins with it. */
function cellsOf(text: string, first: string): string[] | undefined {
  const row = text.split('\n').find((line) => line.startsWith(`| ${first}${first && ' '}|`));
  return row
    ?.split('|')
    .slice(2, -1)
    .map((cell) => cell.trim());
}

/** `8,454: 2.20× the straight port` is 8454. */
function leadingNumber(cell = ''): number {
  return Number.parseFloat(cell.replaceAll(',', ''));
}

function plot(bars: readonly { readonly name: string; readonly figure: number }[]): string {
  return `\`\`\`mermaid
xychart-beta
  title "Asynchronous starts per second of CPU time"
  x-axis [${bars.map(({ name }) => `"${name}"`).join(', ')}]
  y-axis "requests" 0 --> ${Math.ceil(Math.max(...bars.map(({ figure }) => figure)) / 1000) * 1000}
  bar [${bars.map(({ figure }) => figure).join(', ')}]
\`\`\``;
}

if (import.meta.main) {
  const { file, text } = plottedReadme();
  writeFileSync(file, text);
}
