import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { until } from '../../monitor/testing/waiting.ts';
import { healthy } from '../../sim/behaviours.ts';
import { withoutHalf } from '../../sim/without-half.ts';
import { desktop, launchBrowser, missingBrowser, openPage, phone } from './browser.ts';
import { faintTexts, namelessControls } from './contrast.ts';
import { watchCdn } from './testing/watched-cdn.ts';

if (missingBrowser !== null) console.log(`SKIPPED: the page in a browser: ${missingBrowser}`);

const EDGES = 24;
const MIDS = 3;
const ALL = EDGES + MIDS;
const views = ['caches', 'services', 'groups', 'events', 'routes'];

const rows = (page: Page) => page.locator('#caches-grid .rows .row:not([hidden])');
/** The row of a cache, once it is in this condition. */
const rowOf = (page: Page, name: string, condition: string) =>
  rows(page)
    .and(page.locator(`[data-condition="${condition}"]`))
    .filter({ hasText: name });
const eventOf = (page: Page, name: string) =>
  page.locator('#events-beside .event[data-condition="down"]', { hasText: name });
/** Rows stand where they are seen, not in the order of their elements. */
const namesInOrder = (page: Page): Promise<string[]> =>
  rows(page).evaluateAll((nodes) =>
    nodes
      .map((node) => ({
        top: node.getBoundingClientRect().top,
        name: node.querySelector('.c-name')?.textContent,
      }))
      .sort((a, b) => a.top - b.top)
      .map(({ name }) => name ?? ''),
  );
const scrollsSideways = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth > innerWidth);

test('the page', { skip: missingBrowser ?? false }, async (t) => {
  const { cdn, folder, monitor, url } = await watchCdn(
    t,
    {
      ownPorts: true,
      world: {
        edges: EDGES,
        mids: MIDS,
        cachegroups: 6,
        intervals: { health: 400, stat: 800, trafficOps: 500 },
      },
    },
    { stat_polling: true },
  );
  const browser = await launchBrowser();
  t.after(() => browser.close());
  const [first, second] = cdn.world.caches;
  assert.ok(first !== undefined && second !== undefined);
  const open = (hash = '', screen = desktop) => openPage(browser, `${url}${hash}`, screen);

  await t.test('shows every cache, and how the CDN is, with nothing from elsewhere', async () => {
    const { page, errors, strangers } = await open();
    await until('all rows are there', async () => (await rows(page).count()) === ALL);
    assert.equal(await page.locator('#cdn').textContent(), 'demo-cdn');
    assert.equal(await page.locator('#monitor').textContent(), 'tm-01');
    await until('the figures are there', async () =>
      /\d Gbps/.test((await page.locator('#bandwidth').textContent()) ?? ''),
    );
    assert.equal(await page.locator('#caches-available').textContent(), String(ALL));
    await page.locator('#live[data-live="true"]').waitFor();
    assert.equal(await page.locator('#notice-disk').isVisible(), false);
    assert.deepEqual([errors, strangers], [[], []]);
    await page.close();
  });

  await t.test('filters, by keys and by hand, and the URL holds it', async () => {
    const { page } = await open();
    await page.keyboard.press('/');
    await page.keyboard.type('london');
    const london = cdn.world.caches
      .filter(({ cachegroup }) => cachegroup === 'london')
      .map(({ name }) => name);
    await until('only those rows are there', async () => (await rows(page).count()) === london.length);
    assert.deepEqual(await namesInOrder(page), london.toSorted());
    assert.match(page.url(), /#caches\?q=london$/);
    await page.reload();
    await until('they are there again', async () => (await rows(page).count()) === london.length);
    await page.locator('#clear-filters').click();
    await page.locator('#filter-type').selectOption('MID');
    await until('the mids are there', async () => (await rows(page).count()) === MIDS);
    await page.locator('#filter-type').selectOption('');
    await page.locator('#filter-group').selectOption('tokyo');
    await until('a cachegroup is there', async () => (await rows(page).count()) === EDGES / 6);
    await page.locator('[data-show="down"]').click();
    await page.locator('#caches-empty').waitFor();
    await page.close();
  });

  await t.test('sorts by a column, and back again', async () => {
    const { page } = await open('#caches?q=edge');
    await page.getByRole('button', { name: 'Cache', exact: true }).click();
    const sorted = cdn.world.caches
      .map(({ name }) => String(name))
      .filter((name) => name.startsWith('edge'))
      .sort();
    await until('they are in order', async () => (await namesInOrder(page)).join() === sorted.join());
    await page.getByRole('button', { name: 'Cache', exact: true }).click();
    await until(
      'it is turned round',
      async () => (await namesInOrder(page)).join() === sorted.toReversed().join(),
    );
    const sort = await page.locator('.c-name[role="columnheader"]').getAttribute('aria-sort');
    assert.equal(sort, 'descending');
    await page.close();
  });

  await t.test('is worked with by keys alone', async () => {
    const { page } = await open('#caches?sort=name');
    const selected = () => page.locator('.row[aria-selected="true"]:not([hidden]) .c-name').textContent();
    const names = cdn.world.caches.map(({ name }) => String(name)).sort();
    for (const [key, index] of [
      ['j', 0],
      ['j', 1],
      ['j', 2],
      ['k', 1],
      ['g', 0],
      ['G', names.length - 1],
    ] as const) {
      await page.keyboard.press(key);
      await until(`${key} selects ${names[index]}`, async () => (await selected()) === names[index]);
    }
    await page.keyboard.press('Enter');
    await until(
      'its details are open',
      async () => (await page.locator('#drawer-title').textContent()) === names.at(-1),
    );
    await page.keyboard.press('k');
    await until(
      'the arrows lead on',
      async () => (await page.locator('#drawer-title').textContent()) === names.at(-2),
    );
    await page.keyboard.press('Escape');
    await page.locator('#drawer').waitFor({ state: 'hidden' });
    await page.keyboard.press('?');
    await page.locator('#help').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('#help').waitFor({ state: 'hidden' });
    for (const [index, view] of views.entries()) {
      await page.keyboard.press(String(index + 1));
      await page.locator(`#view-${view}`).waitFor();
    }
    await page.close();
  });

  await t.test('tells of one cache what was found, how it was, and who says what', async () => {
    const { page, errors } = await open(`#caches?cache=${first.name}`);
    const body = page.locator('#drawer-body');
    await body.locator('.band i').nth(3).waitFor();
    assert.equal(await body.locator('.spark').count(), 3);
    await until('history is drawn', async () => (await body.locator('.spark-line').count()) === 3);
    const text = (await body.textContent()) ?? '';
    for (const part of [first.fqdn, first.cachegroup, first.interfaceName, first.address, 'loadavg < 25'])
      assert.ok(text.includes(part), part);
    const opinions = await body.locator('.opinions tr').allTextContents();
    assert.match(opinions[0] ?? '', /Routers are told.*available/);
    assert.match(opinions[1] ?? '', /This monitor.*available/);
    assert.deepEqual(errors, []);
    await page.close();
  });

  await t.test('shows what happens as it happens', async () => {
    const { page, errors } = await open();
    await page.locator('#live[data-live="true"]').waitFor();
    let failed = first;
    let isSoon = false;
    // Another program can hold the browser up once, not each time.
    for (const cache of cdn.world.caches.slice(0, 3)) {
      failed = cache;
      const began = performance.now();
      await cdn.farm.update(cache.name, { behaviour: { kind: 'refused' } });
      await eventOf(page, cache.name).waitFor();
      const toldMs = performance.now() - began;
      await rowOf(page, cache.name, 'down').waitFor();
      const shownMs = performance.now() - began;
      console.log(
        `a cache fails: its event is shown after ${toldMs.toFixed(0)} ms, its row after ${shownMs.toFixed(0)} ms`,
      );
      isSoon = toldMs < 5000 && shownMs < 8000;
      if (isSoon) break;
      await cdn.farm.update(cache.name, { behaviour: healthy });
      await rowOf(page, cache.name, 'available').waitFor();
    }
    assert.ok(isSoon, 'shown too late, three times');
    assert.equal((await namesInOrder(page))[0], failed.name);
    await until('it is counted', async () => (await page.locator('#caches-down').textContent()) === '1 down');
    const chip = page.locator('#troubled-groups .chip');
    assert.match((await chip.textContent()) ?? '', new RegExp(`^${failed.cachegroup} 1 of`));
    await eventOf(page, failed.name).click();
    await page.locator('#drawer-body .reason', { hasText: 'connection refused' }).waitFor();
    await page.locator('#drawer-body .band .silent').first().waitFor();
    await cdn.farm.update(failed.name, { behaviour: healthy });
    await rowOf(page, failed.name, 'available').waitFor();
    assert.deepEqual(errors, []);
    await page.close();
  });

  await t.test('shows what a cache sends as text, whatever it is', async () => {
    const { page, errors } = await open(`#caches?cache=${second.name}`);
    await cdn.farm.update(second.name, { behaviour: { kind: 'garbage-body' } });
    await rowOf(page, second.name, 'down').waitFor();
    assert.equal(await page.locator('.row :is(img, script, html)').count(), 0);
    await cdn.farm.update(second.name, { behaviour: healthy });
    assert.deepEqual(errors, []);
    await rowOf(page, second.name, 'available').waitFor();
    await page.close();
  });

  await t.test('has the delivery services with their caches and traffic', async () => {
    const { page } = await openPage(browser, `${url}#services`, desktop, '#services-rows tr');
    const names = await page.locator('#services-rows th').allTextContents();
    assert.deepEqual(names.toSorted(), cdn.world.deliveryServices.map(({ xmlId }) => String(xmlId)).sort());
    assert.match((await page.locator('#services-rows tr').first().textContent()) ?? '', /\d+ of \d+.*bps/);
    await page.close();
  });

  await t.test('links to every route, and each answers', async () => {
    const { page } = await openPage(browser, `${url}#routes`, desktop, '#view-routes a');
    const links = await page
      .locator('#view-routes a')
      .evaluateAll((nodes) => nodes.map((node) => new URL((node as HTMLAnchorElement).href)));
    assert.ok(links.length >= 25, `${links.length} links`);
    for (const { pathname, search } of links) {
      assert.equal((await folder.get(pathname + search)).status, 200, pathname);
    }
    await page.close();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    await t.test(`is readable in ${colorScheme} colours, and every control has a name`, async () => {
      await cdn.farm.update(first.name, { loadAverage: 40 });
      const { page } = await open(`#caches?cache=${first.name}`, { ...desktop, colorScheme });
      await rowOf(page, first.name, 'down').waitFor();
      await page.locator('#drawer-body .opinions').waitFor();
      const luminance = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const [red = 0] = luminance.match(/\d+/g)?.map(Number) ?? [];
      assert.equal(red < 100, colorScheme === 'dark', luminance);
      for (const view of views) {
        await page.keyboard.press(String(views.indexOf(view) + 1));
        assert.deepEqual(await faintTexts(page, 4.5), [], view);
        assert.deepEqual(await namelessControls(page), [], view);
      }
      await cdn.farm.update(first.name, { loadAverage: 0.2 });
      await page.close();
    });
  }

  await t.test('keeps the colours that were chosen', async () => {
    const { page } = await open();
    const theme = () => page.evaluate(() => document.documentElement.dataset['theme']);
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await background();
    await page.keyboard.press('t');
    await page.locator('#theme').click();
    assert.equal(await theme(), 'dark');
    assert.notEqual(await background(), light);
    await page.reload();
    assert.equal(await theme(), 'dark');
    await page.evaluate(() => localStorage.clear());
    await page.close();
  });

  await t.test('fits a phone: nothing scrolls sideways', async () => {
    const { page } = await open('', phone);
    for (const view of views) {
      await page.locator(`#tab-${view}`).click();
      await page.locator(`#view-${view}`).waitFor();
      assert.equal(await scrollsSideways(page), false, view);
    }
    await page.locator('#tab-caches').click();
    await rows(page).first().click();
    await page.locator('#drawer-body .opinions').waitFor();
    assert.equal(await scrollsSideways(page), false, 'details');
    assert.equal((await page.locator('#drawer').boundingBox())?.width, phone.width);
    await page.locator('#drawer-close').click();
    await page.locator('#drawer').waitFor({ state: 'hidden' });
    await page.close();
  });

  await t.test('says that a snapshot is not taken, and why', async () => {
    const { page } = await open();
    const notice = page.locator('#notice-snapshot');
    assert.equal(await notice.isVisible(), false);
    cdn.trafficOps.replace(withoutHalf(cdn.world));
    await notice.waitFor();
    assert.match(
      (await notice.textContent()) ?? '',
      /stays in force: the snapshot lacks 1\d of the 27 caches/,
    );
    assert.equal(await rows(page).count(), ALL);
    cdn.trafficOps.replace(cdn.world);
    await notice.waitFor({ state: 'hidden' });
    await page.close();
  });

  await t.test('says so when the monitor does not answer, and goes on when it does', async () => {
    const { page } = await open();
    monitor.signal('SIGKILL');
    await monitor.ended;
    await page.locator('#notice-silent').waitFor();
    assert.equal(await page.locator('#live').getAttribute('data-live'), 'false');
    assert.equal(await rows(page).count(), ALL);
    await cdn.trafficOps.setMode('refuse');
    const next = folder.start(t);
    await folder.untilOpen(next);
    await page.locator('#notice-silent').waitFor({ state: 'hidden' });
    await page.locator('#live[data-live="true"]').waitFor();
    // It was started without Traffic Ops, so it works from its copies.
    await page.locator('#notice-disk').waitFor();
    assert.match((await page.locator('#tile-snapshot').textContent()) ?? '', /copies on disk/);
    await page.close();
  });
});
