/**
 * Makes the pictures in docs/screenshots: `npm run screenshots`. Needs chromium, fonts-inter and pngquant.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { freePort } from '../../sim/listening.ts';
import { launchBrowser, missingBrowser, openPage, type Screen } from './browser.ts';
import { RunningDemo } from './running-demo.ts';
import { shrink } from './shrink.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'docs', 'screenshots');
const wide: Screen = { width: 1360, height: 800 };
const phone: Screen = { width: 390, height: 760 };

interface Picture {
  readonly name: string;
  readonly hash: string;
  readonly screen: Screen;
  /** What has to be there before it is taken. */
  readonly ready: string;
}

async function take(browser: Browser, url: string, { name, hash, screen, ready }: Picture): Promise<void> {
  const { page } = await openPage(browser, `${url}${hash}`, screen, ready);
  await page.locator('#live[data-live="true"]').waitFor();
  // For a piece of the line of traffic, and for history.
  await sleep(12_000);
  await save(page, name);
  await page.close();
}

async function save(page: Page, name: string): Promise<void> {
  const file = join(FOLDER, `${name}.png`);
  await page.screenshot({ path: file });
  shrink(file);
  console.log(file);
}

async function main(): Promise<void> {
  if (missingBrowser !== null) throw new Error(missingBrowser);
  mkdirSync(FOLDER, { recursive: true });
  const demo = await RunningDemo.start(['--port', String(await freePort(8080))]);
  const browser = await launchBrowser();
  try {
    const [url = ''] = demo.pages.get('amer') ?? [];
    const rows = '#caches-grid .rows .row[data-condition="down"]';
    await take(browser, url, { name: 'caches', hash: '', screen: wide, ready: rows });
    const page = await openPage(browser, url, { ...wide, colorScheme: 'dark' }, rows);
    // Of a cachegroup that goes dark in the story, and which this monitor polls itself.
    await page.page.locator('#search').fill('edge-denver-02');
    await page.page
      .locator('.row[data-condition="available"]:not([hidden])', { hasText: 'edge-denver-02' })
      .click();
    await page.page.locator('#drawer-body .band .silent').first().waitFor();
    await page.page.locator('#search').fill('');
    await page.page.keyboard.press('Escape');
    await sleep(4000);
    await save(page.page, 'details');
    await page.page.close();
    await take(browser, url, { name: 'phone', hash: '', screen: phone, ready: rows });
    await demo.ask('kill');
    await take(browser, url, {
      name: 'groups',
      hash: '#groups',
      screen: { ...wide, colorScheme: 'dark' },
      ready: '.card[data-health="dead"]',
    });
  } finally {
    await browser.close();
    await demo.stop();
  }
}

await main();
