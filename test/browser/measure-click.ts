import type { Locator } from 'playwright-core';

/** The times from a click to what it shows, in milliseconds. */
export interface ClickTimes {
  /** The first frame that shows an element for the given selector, or any change. */
  readonly shown: number;
  /** The last frame that changes anything. */
  readonly complete: number;
  /** The longest task of the page's main thread, or 0 if none takes 50 ms. */
  readonly longestTask: number;
}

/** The page has not changed for this time: the click is complete. */
const quietMilliseconds = 250;

// Globals of the page.
declare const MouseEvent: new (type: string, options: object) => Event;
declare const document: { readonly body: unknown; querySelector(selector: string): unknown };
declare const requestAnimationFrame: (callback: () => void) => void;
declare const MutationObserver: new (
  callback: () => void,
) => { observe(target: unknown, options: object): void; disconnect(): void };
declare const PerformanceObserver: new (
  callback: (list: { getEntries(): readonly { readonly duration: number }[] }) => void,
) => { observe(options: object): void; disconnect(): void };

/**
 * Clicks an element, and measures until the page is quiet.
 *
 * @throws if the page does not show the selector within five seconds
 */
export function measureClick(element: Locator, selector = 'body'): Promise<ClickTimes> {
  return element.evaluate(
    (target, { selector, quietMilliseconds }) =>
      new Promise<ClickTimes>((resolve, reject) => {
        const times = { shown: 0, complete: 0, longestTask: 0 };
        const tasks = new PerformanceObserver((list) => {
          const durations = list.getEntries().map(({ duration }) => duration);
          times.longestTask = Math.max(times.longestTask, ...durations);
        });
        const began = performance.now();
        const timeout = setTimeout(() => reject(new Error('The click shows nothing.')), 5000);
        let quiet: ReturnType<typeof setTimeout> | undefined;
        const end = () => {
          clearTimeout(timeout);
          changes.disconnect();
          tasks.disconnect();
          resolve(times);
        };
        const changes = new MutationObserver(() => {
          clearTimeout(quiet);
          const isShown = document.querySelector(selector) !== null;
          // The second frame begins once the first, which has the change, is painted.
          requestAnimationFrame(() =>
            requestAnimationFrame(() => {
              times.complete = performance.now() - began;
              if (isShown) times.shown ||= times.complete;
              if (times.shown === 0) return;
              clearTimeout(quiet);
              quiet = setTimeout(end, quietMilliseconds);
            }),
          );
        });
        tasks.observe({ type: 'longtask' });
        changes.observe(document.body, {
          subtree: true,
          childList: true,
          attributes: true,
          characterData: true,
        });
        target.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }));
      }),
    { selector, quietMilliseconds },
  );
}
