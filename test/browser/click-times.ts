import { startWithConsole } from '../local-aws/console/start-console.ts';
import { launchBrowser } from './browser.ts';
import { type ClickTimes, measureClick } from './measure-click.ts';

// `npm run bench:console` measures the time from a click to the frames that show its effect, with
// 1,000 executions, a history of 25,000 events, a Map of 1,000 items and an output of 256 KB.

const executions = 1000;

const states = {
  // The execution fails at 25,000 events, as on AWS. One turn of the loop has seven.
  Begin: { Type: 'Pass', Next: 'Loop' },
  Loop: {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: 'works', Payload: {} },
    Next: 'Again',
  },
  Again: { Type: 'Choice', Choices: [{ Condition: '{% true %}', Next: 'Loop' }], Default: 'Never' },
  Never: { Type: 'Succeed' },
};
const each = {
  Each: {
    Type: 'Map',
    Items: '{% [1..1000] %}',
    ItemProcessor: { StartAt: 'One', States: { One: { Type: 'Pass', End: true } } },
    End: true,
  },
};
const short = { Only: { Type: 'Pass', End: true } };

const works = { handler: async () => ({}) };
const local = await startWithConsole({ functions: new Map([['works', works]]) });
const browser = await launchBrowser();
const page = await browser.newPage({ viewport: { width: 1440, height: 960 } });

async function start(stateMachineArn: string, userId: string, items: object[] = []): Promise<void> {
  await fetch(`${local.url}/api/executions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ stateMachineArn, input: JSON.stringify({ user: { userId }, items }) }),
  });
}

const times = new Map<string, ClickTimes[]>();

async function click(what: string, selector: string, shown?: string): Promise<void> {
  const element = page.locator(selector).first();
  await element.waitFor();
  const measured = await measureClick(element, shown);
  times.set(what, [...(times.get(what) ?? []), measured]);
}

function statistics(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  return [sorted[sorted.length >> 1], sorted.at(-1)]
    .map((value = 0) => value.toFixed(0).padStart(6))
    .join('');
}

try {
  const arns = {
    short: await local.createStateMachine('short', short),
    long: await local.createStateMachine('long', states),
    each: await local.createStateMachine('each', each),
  };
  await start(arns.long, 'user-long');
  for (let count = 0; count < executions; count += 1) await start(arns.short, `user-${count}`);
  await start(arns.each, 'user-each');
  const items = Array.from({ length: 8000 }, (_, id) => ({ id, name: `item ${id}` }));
  await start(arns.short, 'user-output', items);
  for (;;) {
    const text = await (await fetch(`${local.url}/api/executions`)).text();
    if (!text.includes('"RUNNING"')) break;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }

  for (let round = 0; round < 5; round += 1) {
    await page.goto('about:blank');
    await page.goto(local.url);
    await page.locator('text="user-output"').waitFor();
    await click('list of 1,003: filter by status', '.pill:text("Failed")');
    await click('list of 1,003: show all', '.pill:text("All")');
    await click('list of 1,003: show 100 more', '.more');

    await page.goto(`${local.url}/#/?text=user-long`);
    await page.locator('.executions a:text("user-long")').waitFor();
    await click(
      '25,000 events: open the execution',
      '.executions a:text("user-long")',
      '.graph [aria-label^="Loop,"]',
    );
    await page.locator('text="page 1 of 1,000"').waitFor();
    await click('25,000 events: choose a state in the graph', '.graph [aria-label^="Begin,"]');
    await click('25,000 events: choose a state in the timeline', '.timeline li:nth-child(4) .row');
    await click('25,000 events: older events', 'button:text("Older")');
    await click('25,000 events: open an event', '.events .expand');
    await click('25,000 events: show 50 more states', '.timeline ~ .more');
    await click('25,000 events: another tab', '[role="tab"]:text("Output")');

    await page.goto(`${local.url}/#/?text=user-each`);
    await click(
      'Map of 1,000: open the execution',
      '.executions a:text("user-each")',
      '.graph [aria-label^="Each,"]',
    );
    await click('Map of 1,000: unfold', '.fold');
    await click('Map of 1,000: choose an iteration', '.timeline li:nth-child(5) .row');
    await click('Map of 1,000: choose the Map', '.timeline .row');
    await click('Map of 1,000: list its iterations', '[role="tab"]:text("Iterations")');
    await click('Map of 1,000: open an iteration', '.iterations button');

    await page.goto(`${local.url}/#/?text=user-output`);
    await click(
      'output of 256 KB: open the execution',
      '.executions a:text("user-output")',
      '.graph [aria-label^="Only,"]',
    );
    await click('output of 256 KB: choose a state', '.timeline .row', '[role="tab"][id$="Output"]');
  }
  const head = `${'ms, median and worst'.padEnd(44)}       shown    complete  longest task`;
  const rows = [...times].map(([what, all]) => {
    const columns = (['shown', 'complete', 'longestTask'] as const).map((column) =>
      statistics(all.map((each) => each[column])),
    );
    return `${what.padEnd(44)}${columns.join('')}`;
  });
  process.stdout.write(`${[head, ...rows].join('\n')}\n`);
} finally {
  await browser.close();
  await local.close();
}
