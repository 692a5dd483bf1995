/**
 * Makes the pictures of the dashboards in docs/screenshots: `npm run dashboards`. Needs prometheus, chromium,
 * fonts-inter, pngquant and Go; with `--prometheus URL` it draws what that Prometheus has, of the last `--minutes`,
 * into `--folder`.
 *
 * There is no Grafana: our own reader of the dashboards asks Prometheus their queries and draws the answers.
 */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { numberOption } from '../../sim/number-option.ts';
import { askPrometheus, missingPrometheus } from '../rules/prometheus.ts';
import { DASHBOARDS_DIRECTORY, filesIn } from '../rules/rule-files.ts';
import { programSets } from '../tools/programs.ts';
import { whyMissing } from '../tools/tools.ts';
import { launchBrowser, missingBrowser } from '../ui/browser.ts';
import { shrink } from '../ui/shrink.ts';
import { readDashboard } from './dashboard.ts';
import { letHappen } from './happenings.ts';
import { drawDashboard, PAGE_WIDTH } from './page.ts';
import type { Span } from './queries.ts';
import { scrapeSeconds, WatchedWorld } from './watched-world.ts';

const SCREENSHOTS = path.join(import.meta.dirname, '../../docs/screenshots');

interface Sight extends Span {
  readonly url: string;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      prometheus: { type: 'string' },
      minutes: { type: 'string' },
      end: { type: 'string' },
      folder: { type: 'string' },
    },
  });
  if (missingBrowser !== null) throw new Error(missingBrowser);
  const folder = values.folder ?? SCREENSHOTS;
  if (values.prometheus === undefined) return drawWorld(folder);
  const endSeconds = numberOption('--end', values.end, Math.floor(Date.now() / 1000));
  const startSeconds = endSeconds - 60 * numberOption('--minutes', values.minutes, 180);
  await drawAll(
    { url: values.prometheus.replace(/\/$/, ''), startSeconds, endSeconds, scrapeSeconds: 15 },
    folder,
  );
}

/** Lets a world of our own go through its troubles, and draws what Prometheus has seen of it. */
async function drawWorld(folder: string): Promise<void> {
  const missing = missingPrometheus ?? whyMissing(programSets.api);
  if (missing !== null) throw new Error(missing);
  const world = await WatchedWorld.start();
  try {
    console.log(`Prometheus at ${world.prometheus.url}`);
    // Until there are rates.
    await sleep(15_000);
    const startSeconds = Math.floor(Date.now() / 1000);
    await letHappen(world, (line) => console.log(line));
    const endSeconds = Math.floor(Date.now() / 1000);
    await drawAll({ url: world.prometheus.url, startSeconds, endSeconds, scrapeSeconds }, folder);
  } finally {
    await world.stop();
  }
}

async function drawAll({ url, ...span }: Sight, folder: string): Promise<void> {
  fs.mkdirSync(folder, { recursive: true });
  const browser = await launchBrowser();
  try {
    for (const file of filesIn(DASHBOARDS_DIRECTORY, '.json')) {
      const picture = await drawDashboard(readDashboard(file), (route) => askPrometheus(url, route), span);
      const target = path.join(folder, `dashboard-${path.basename(file, '.json')}.png`);
      await photograph(browser, picture.html, picture.heightPx, target);
      console.log(target);
      for (const title of picture.emptyPanels) console.log(`  nothing to show in "${title}"`);
    }
  } finally {
    await browser.close();
  }
}

async function photograph(browser: Browser, html: string, height: number, file: string): Promise<void> {
  const page = await browser.newPage({ viewport: { width: PAGE_WIDTH, height } });
  await page.setContent(html);
  await page.screenshot({ path: file });
  shrink(file);
  await page.close();
}

await main();
