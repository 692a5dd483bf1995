import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Where Debian's package puts it. */
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** null: there is a browser; else why not, and what to do. */
export const missingBrowser: string | null = existsSync(CHROMIUM)
  ? null
  : `there is no ${CHROMIUM}; on Debian, as root: apt-get install --no-install-recommends chromium fonts-inter fonts-dejavu-core`;

/** Chromium without what it does of its own accord over the network. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

export interface Screen {
  readonly width: number;
  readonly height: number;
  readonly colorScheme?: 'light' | 'dark';
}

export const desktop: Screen = { width: 1440, height: 900 };
export const phone: Screen = { width: 390, height: 844 };

/** A page of its own, and what went wrong in it so far. */
export interface OpenPage {
  readonly page: Page;
  /** Exceptions, refused content, and messages of errors; answers other than 200 are told by the browser too. */
  readonly errors: readonly string[];
  /** Requests that went anywhere but to the page's own origin. */
  readonly strangers: readonly string[];
}

/** Opens `url` and waits for the first rows, or for whatever `ready` selects. */
export async function openPage(
  browser: Browser,
  url: string,
  { width, height, colorScheme = 'light' }: Screen = desktop,
  ready = '#caches-grid .rows .row:not([hidden])',
): Promise<OpenPage> {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  page.setDefaultTimeout(20_000);
  const errors: string[] = [];
  const strangers: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`${message.text()} (${message.location().url})`);
  });
  const { origin } = new URL(url);
  page.on('request', (request) => {
    if (!request.url().startsWith(origin)) strangers.push(request.url());
  });
  await page.goto(url);
  await page.locator(ready).first().waitFor();
  return { page, errors, strangers };
}
