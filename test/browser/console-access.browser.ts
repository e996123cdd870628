import { expect, test } from 'vitest';
import {
  local,
  main,
  onboard,
  open,
  page,
  postJson,
  role,
  start,
  useConsole,
  violations,
  waits,
} from './console-page.ts';

useConsole();

test.each(['', 'new'])('axe finds no violation on #/%s', async (path) => {
  await onboard('/process-user-onboarding', 'user-axe');
  await open(path);
  await role('textbox', { name: 'User id', exact: true }).waitFor();
  expect(await violations()).toEqual([]);
});

test.each(['users', 'messages', 'statuses'])(
  'axe finds no violation on #/%s with an expanded row',
  async (path) => {
    await onboard('/process-user-onboarding', `user-axe-${path}`);
    await open(path);
    await role('button', { name: new RegExp(`user-axe-${path}`) })
      .first()
      .click();
    await page.locator('tr.more-of pre').waitFor();
    expect(await violations()).toEqual([]);
  },
);

test('axe finds no violation on an execution, in any tab', async () => {
  await onboard('/process-user-onboarding', 'user-axe-detail', '2025');
  await open();
  await role('link', { name: 'user-axe-detail' }).click();
  await role('button', { name: 'ApplyReferral, Task, Caught' }).waitFor();
  await role('button', { name: 'TaskFailed' }).click();
  // The state's tabs appear once its events are read.
  await role('tab', { name: 'Error' }).waitFor();
  for (const tab of await role('tab').all()) {
    await tab.click();
    expect(await violations(['light'])).toEqual([]);
  }
  expect(await violations(['dark'])).toEqual([]);
});

test('axe finds no violation on a running execution and in its dialogs', async () => {
  await start('rests', waits, { user: { userId: 'user-rests' } });
  await open();
  await role('link', { name: 'user-rests' }).click();
  for (const name of ['Stop…', 'Start again…']) {
    await role('button', { name }).click();
    await role('dialog').waitFor();
    expect(await violations()).toEqual([]);
    await page.keyboard.press('Escape');
  }
});

/** Evaluates to the elements that cut off their content. */
const cutOff = `[...document.querySelectorAll('body *:not(input, .visually-hidden)')]
  .filter((element) => {
    const { overflowX, textOverflow, webkitLineClamp } = getComputedStyle(element);
    const hasEllipsis = textOverflow === 'ellipsis' || webkitLineClamp !== 'none';
    const hides = ['hidden', 'clip'].includes(overflowX) && !hasEllipsis;
    return hides && element.scrollWidth > element.clientWidth + 1;
  })
  .map((element) => element.outerHTML.slice(0, 100))`;
const overflow = 'document.documentElement.scrollWidth - innerWidth';

test('every page of the navigation is visible at 360 pixels', async () => {
  await page.setViewportSize({ width: 360, height: 800 });
  await open();
  const links = await role('navigation', { name: 'Pages' }).getByRole('link').all();
  expect(links).toHaveLength(5);
  for (const link of links) {
    const { x, width } = (await link.boundingBox()) ?? { x: -1, width: 0 };
    expect(x).toBeGreaterThanOrEqual(0);
    expect(x + width).toBeLessThanOrEqual(360);
  }
});

test('the bars of a timeline have most of the width at 360 pixels', async () => {
  await onboard('/process-user-onboarding-sync', 'user-bars');
  await page.setViewportSize({ width: 360, height: 800 });
  await open('?text=user-bars');
  await role('link', { name: 'user-bars' }).click();
  const bar = page.locator('.timeline .bar').first();
  await bar.waitFor();
  expect((await bar.boundingBox())?.width).toBeGreaterThan(240);
});

test.each([360, 1440, 1600])('nothing is cut off at %i pixels', async (width) => {
  await onboard('/process-user-onboarding', 'user-narrow', '2025');
  await page.setViewportSize({ width, height: 800 });
  for (const path of ['', 'new', 'users', 'messages', 'statuses', 'execution']) {
    await open(path === 'execution' ? '' : path);
    await role('heading', { level: 1 }).waitFor();
    if (path === 'execution') {
      await role('link', { name: 'user-narrow' }).first().click();
      await role('button', { name: 'ApplyReferral, Task, Caught' }).waitFor();
    }
    expect(await page.evaluate(overflow)).toBeLessThanOrEqual(0);
    expect(await page.evaluate(cutOff)).toEqual([]);
  }
});

test.each([360, 1000])('long names fit into %i pixels', async (width) => {
  const longest = 'a-name-with-eighty-characters-'.repeat(3).slice(0, 80);
  const states = { ['AStateWithALongName'.repeat(4)]: { Type: 'Pass', End: true } };
  await start(longest, states, { user: { userId: 'user-with-a-long-id-'.repeat(10) } });
  await page.setViewportSize({ width, height: 800 });
  await open();
  const link = role('link', { name: /^user-with-a-long-id/ }).first();
  await link.waitFor();
  expect(await page.evaluate(overflow)).toBeLessThanOrEqual(0);
  expect(await page.evaluate(cutOff)).toEqual([]);
  await link.click();
  await role('button', { name: /^AStateWithALongName.*Succeeded/ }).waitFor();
  expect(await page.evaluate(overflow)).toBeLessThanOrEqual(0);
  expect(await page.evaluate(cutOff)).toEqual([]);
  const name = await page.locator('.graph text').first().boundingBox();
  const icon = await page.locator('.graph .icon').first().boundingBox();
  expect((name?.x ?? 0) + (name?.width ?? 0)).toBeLessThanOrEqual(icon?.x ?? 0);
});

test('a long word breaks between its parts', async () => {
  const states = {
    Each: {
      Type: 'Map',
      Items: '{% [1..2] %}',
      ItemProcessor: { StartAt: 'One', States: { One: { Type: 'Pass', End: true } } },
      End: true,
    },
  };
  await start('breaks', states, { user: { userId: 'user-breaks' } });
  await page.setViewportSize({ width: 1000, height: 800 });
  await open('?text=user-breaks');
  await role('link', { name: 'user-breaks' }).click();
  const event = role('button', { name: 'MapIterationSucceeded' }).first();
  await event.waitFor();
  const linesOfParts = await event.evaluate((element) => {
    const range = element.ownerDocument.createRange();
    return [...element.querySelector('span > span').childNodes].map((part) => {
      range.selectNodeContents(part);
      return range.getClientRects().length;
    });
  });
  expect(Math.max(...linesOfParts)).toBe(1);
});

test('the keyboard alone can start an onboarding and open a state', async () => {
  await open('new');
  await page.getByLabel('User id', { exact: true }).focus();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('user-keys');
  await page.keyboard.press('Enter');
  await role('link', { name: 'See the execution' }).focus();
  await page.keyboard.press('Enter');
  await role('heading', { level: 1, name: 'user-keys' }).waitFor();
  // As after the load of a page, the next Tab continues from the top of the content.
  expect(await page.evaluate('document.activeElement.localName')).toBe('main');
  await role('button', { name: 'SaveUser, Task, Succeeded' }).focus();
  await page.keyboard.press('Enter');
  const panel = role('region', { name: 'State SaveUser' });
  await panel.getByRole('tab', { name: 'Input' }).focus();
  await page.keyboard.press('ArrowRight');
  await panel.getByText('TableName').waitFor();
});

test('the next page begins at its top', async () => {
  for (let count = 0; count < 12; count += 1) {
    await onboard('/process-user-onboarding-sync', `user-top-${count}`, '2025');
  }
  await page.setViewportSize({ width: 1600, height: 900 });
  await open('?text=user-top-1');
  await role('link', { name: 'user-top-1', exact: true }).click();
  await role('region', { name: 'State ApplyReferral' })
    .getByRole('tab', { name: 'Error' })
    .waitFor();
  await role('link', { name: 'Executions' }).first().click();
  await role('link', { name: 'user-top-11' }).waitFor();
  expect(await page.evaluate('scrollY')).toBe(0);
});

test('the way back leads to the row that was left', async () => {
  const states = { Only: { Type: 'Pass', End: true } };
  const stateMachineArn = await local.createStateMachine('back', states);
  for (let count = 0; count < 130; count += 1) {
    const input = JSON.stringify({ user: { userId: `user-back-${count}` } });
    await postJson(`${local.url}/api/executions`, { stateMachineArn, input });
  }
  await open('?machine=back');
  await role('button', { name: 'Show 30 more of 130' }).click();
  await role('link', { name: 'user-back-5', exact: true }).press('Enter');
  await role('heading', { level: 1, name: 'user-back-5' }).waitFor();
  expect(await page.evaluate('scrollY')).toBe(0);
  await page.goBack();
  await role('heading', { level: 1, name: 'Executions' }).waitFor();
  expect(await page.evaluate(focused)).toBe('user-back-5');
  const { y } = (await role('link', { name: 'user-back-5', exact: true }).boundingBox()) ?? {
    y: -1,
  };
  expect(y).toBeGreaterThan(0);
  expect(y).toBeLessThan(960);
  await page.goForward();
  await role('heading', { level: 1, name: 'user-back-5' }).waitFor();
  expect(await page.evaluate('scrollY')).toBe(0);
});

test('a window without room for the form has a button that leads to it', async () => {
  const link = main().getByRole('link', { name: 'New onboarding' });
  await open();
  await role('textbox', { name: 'User id', exact: true }).waitFor();
  expect(await link.isVisible()).toBe(false);
  await page.setViewportSize({ width: 1000, height: 800 });
  expect(await role('textbox', { name: 'User id', exact: true }).isVisible()).toBe(false);
  await link.click();
  await role('textbox', { name: 'User id', exact: true }).waitFor();
});

test('a table that scrolls sideways has a shadow where it goes on', async () => {
  await onboard('/process-user-onboarding', 'user-sideways');
  await page.setViewportSize({ width: 360, height: 800 });
  await open('users');
  const row = role('row', { name: /user-sideways/ });
  await row.waitFor();
  // The last pixels of the row change when it is scrolled to its end.
  const edge = async () => {
    const { y, height } = (await row.boundingBox()) ?? { y: 0, height: 0 };
    const clip = { x: 343, y: y + height - 6, width: 3, height: 4 };
    return (await page.screenshot({ clip })).toString('base64');
  };
  const before = await edge();
  await page.locator('.scroll-x').evaluate((table) => table.scrollTo(10_000, 0));
  expect(await edge()).not.toBe(before);
});

const focused =
  "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent";

test('the focus does not move when executions are added', async () => {
  await onboard('/process-user-onboarding', 'user-focus');
  await open();
  await role('link', { name: 'user-focus' }).focus();
  await onboard('/process-user-onboarding-sync', 'user-focus-later');
  await role('link', { name: 'user-focus-later' }).waitFor();
  expect(await page.evaluate(focused)).toBe('user-focus');

  await open('users');
  await role('button', { name: 'user-focus', exact: true }).press('Enter');
  await onboard('/process-user-onboarding-sync', 'user-focus-last');
  await role('button', { name: 'user-focus-last' }).waitFor();
  expect(await page.evaluate(focused)).toContain('user-focus');
  await main().getByText('"email"').waitFor();
});

test('the focus stays near a button that disappears when it is pressed', async () => {
  const states = {
    Each: {
      Type: 'Map',
      Items: '{% [1..60] %}',
      ItemProcessor: { StartAt: 'One', States: { One: { Type: 'Pass', End: true } } },
      End: true,
    },
  };
  await start('presses', states, { user: { userId: 'user-presses' }, text: 'long '.repeat(5000) });
  await open('?text=user-presses');
  await role('link', { name: 'user-presses' }).click();
  await role('button', { name: 'Each, Map, Succeeded' }).press('Enter');
  const panel = role('region', { name: 'State Each' });
  await panel.getByRole('button', { name: /^Show all/ }).press('Enter');
  expect(await page.evaluate(focused)).toBe('Input');
  await panel.getByRole('tab', { name: 'Iterations' }).press('Enter');
  await panel.getByRole('button', { name: 'Show 10 more of 60' }).press('Enter');
  expect(await page.evaluate(focused)).toContain('#49');
  await page.keyboard.press('Tab');
  expect(await page.evaluate(focused)).toContain('#50');
  await page.keyboard.press('Enter');
  await role('region', { name: 'State One' }).waitFor();
  expect(await page.evaluate(focused)).toBe('Input');
});

test('the focus stays on a state while the execution continues', async () => {
  const states = {
    First: { Type: 'Pass', Next: 'Pause' },
    Pause: { Type: 'Wait', Seconds: 2, Next: 'Last' },
    Last: { Type: 'Succeed' },
  };
  await start('moves', states, { user: { userId: 'user-moves' } });
  await open();
  await role('link', { name: 'user-moves' }).click();
  await role('button', { name: 'First, Pass, Succeeded' }).focus();
  await role('button', { name: 'Last, Succeed, Succeeded' }).waitFor();
  expect(await page.evaluate(focused)).toBe('First, Pass, Succeeded');
});

test('every focused element is visibly focused', async () => {
  await onboard('/process-user-onboarding', 'user-seen');
  await open();
  await role('link', { name: 'user-seen' }).click();
  await role('button', { name: 'SaveUser, Task, Succeeded' }).waitFor();
  const isSeen = `(() => {
    const element = document.activeElement;
    const box = element.querySelector(':scope > rect') ?? element;
    const { outlineStyle, strokeWidth } = getComputedStyle(box);
    return outlineStyle !== 'none' || Number.parseFloat(strokeWidth) >= 3 || element.outerHTML;
  })()`;
  await page.keyboard.press('Tab');
  for (let stop = 0; stop < 25; stop += 1) {
    await page.keyboard.press('Tab');
    expect(await page.evaluate(isSeen)).toBe(true);
  }
});

test('reduced motion stops every animation', async () => {
  await start('still', waits, { user: { userId: 'user-still' } });
  const running = 'document.getAnimations().length';
  for (const [reducedMotion, animations] of [
    ['no-preference', 1],
    ['reduce', 0],
  ] as const) {
    await page.emulateMedia({ reducedMotion });
    await open();
    await role('link', { name: 'user-still' }).click();
    await role('button', { name: 'Rest, Wait, Running' }).waitFor();
    expect(await page.evaluate(running)).toBe(animations);
  }
});
