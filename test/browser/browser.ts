import { accessSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

function isThere(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * Starts the Chromium of this machine without a window.
 *
 * @throws {Error} if there is none, with instructions to install one
 */
export function launchBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? places.find(isThere);
  if (executablePath === undefined) {
    throw new Error(
      'There is no Chromium here: apt-get install chromium, or set CHROMIUM to the path of one.',
    );
  }
  // Chromium's sandbox does not work as root, the user of containers.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args });
}
