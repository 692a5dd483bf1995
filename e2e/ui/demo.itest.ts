import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask } from '../../monitor/testing/asking.ts';
import { until } from '../../monitor/testing/waiting.ts';
import { freePort } from '../../sim/listening.ts';
import { desktop, launchBrowser, missingBrowser, openPage } from './browser.ts';
import { RunningDemo } from './running-demo.ts';

if (missingBrowser !== null) console.log(`SKIPPED: the demo in a browser: ${missingBrowser}`);

const groups = ['amer', 'apac', 'emea'];

test('the demo shows three groups, one of which dies and comes back', {
  skip: missingBrowser ?? false,
}, async (t) => {
  const demo = await RunningDemo.start(['--port', String(await freePort(23_400))]);
  t.after(async () => {
    demo.kill();
    await demo.ended;
  });
  const browser = await launchBrowser();
  t.after(() => browser.close());
  const urls = [...demo.pages.values()].flat();
  const [url = ''] = demo.pages.get('amer') ?? [];
  const { page, errors, strangers } = await openPage(browser, `${url}#groups`, desktop, '.card');
  const card = (group: string) =>
    page.locator('.card').filter({ has: page.locator('h3', { hasText: group }) });

  await t.test('every cachegroup is polled by one of them', async () => {
    assert.equal(urls.length, 6);
    await until(
      'all three are live',
      async () => (await page.locator('.card[data-health="live"]').count()) === 3,
    );
    assert.deepEqual(
      (await page.locator('.card h3').allTextContents()).map((text) => text.slice(0, 4)),
      groups,
    );
    const chips = await page
      .locator('.card .chip')
      .evaluateAll((nodes) => nodes.map((node) => node.firstChild?.textContent));
    assert.equal(chips.length, 15);
    assert.equal(new Set(chips).size, 15);
  });

  await t.test('the table tells which, and the details of a cache lead to them', async () => {
    await page.keyboard.press('1');
    const tokyo = page.locator('.row:not([hidden])', { hasText: 'edge-tokyo-01' });
    await page.locator('#search').fill('edge-tokyo-01');
    await until(
      'its group is there',
      async () => (await tokyo.locator('.c-poller').textContent()) === 'apac',
    );
    await tokyo.click();
    const links = page.locator('#drawer-body .members a');
    await links.first().waitFor();
    const pages = (demo.pages.get('apac') ?? []).map((url) => `${url}#caches?cache=edge-tokyo-01`);
    assert.ok(pages.includes((await links.first().getAttribute('href')) ?? ''));
    const opinions = page.locator('#drawer-body .opinions tr', { hasText: 'group apac' });
    await opinions.waitFor();
    assert.match((await opinions.textContent()) ?? '', /available/);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
  });

  await t.test('every monitor has a page', async () => {
    for (const other of urls) {
      const opened = await openPage(browser, other);
      await opened.page.locator('#live[data-live="true"]').waitFor();
      assert.equal(await opened.page.locator('#groups-all').textContent(), '3');
      assert.deepEqual([opened.errors, opened.strangers], [[], []]);
      await opened.page.close();
    }
  });

  await t.test(
    'when a group dies the page says so, others stand in for it, and its caches stay available',
    async () => {
      await page.keyboard.press('3');
      assert.match(await demo.ask('kill'), /group apac is killed/);
      await card('apac').and(page.locator('[data-health="dead"]')).waitFor();
      await page.locator('#tile-groups[data-level="bad"]').waitFor();
      await until(
        'it has nothing to poll',
        async () => (await card('apac').locator('.chip').count()) === 0,
        30_000,
      );
      assert.equal(await page.locator('.card .chip').count(), 15);
      const { text } = await ask({ port: Number(new URL(url).port), path: '/publish/CrStates' });
      const { caches } = JSON.parse(text) as { caches: Record<string, { isAvailable: boolean }> };
      const tokyo = Object.entries(caches).filter(([name]) => name.startsWith('edge-tokyo'));
      // The story may have one cache down, or a cachegroup, but not for want of somebody who polls it.
      assert.equal(tokyo.length, 5);
      console.log(
        `of tokyo ${tokyo.filter(([, { isAvailable }]) => isAvailable).length} of 5 caches are available`,
      );
    },
  );

  await t.test('when it comes back it gets its own again', async () => {
    assert.match(await demo.ask('back'), /started again: apac/);
    await card('apac').and(page.locator('[data-health="live"]')).waitFor({ timeout: 60_000 });
    await until(
      'it polls what it had',
      async () => (await card('apac').locator('.chip').count()) === 5,
      90_000,
    );
    await until('nobody else does', async () => (await page.locator('.card .chip').count()) === 15, 90_000);
    assert.deepEqual([errors, strangers], [[], []]);
  });

  await t.test('Ctrl-C ends it all', async () => {
    assert.equal(await demo.stop(), 0, demo.output);
    for (const other of urls) await assert.rejects(ask({ port: Number(new URL(other).port) }));
  });
});
