import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { cdnName } from '../../common/ids.ts';
import type { ConfigMap } from '../../common/kube/objects.ts';
import type { TrafficOpsStatus } from '../../common/traffic-ops/feed.ts';
import { FakeTrafficOps } from '../../common/traffic-ops/testing/fake-traffic-ops.ts';
import { until } from '../../common/traffic-ops/testing/feed-harness.ts';
import { CDN, crConfigText } from '../../common/traffic-ops/testing/fixtures.ts';
import { snapshotConfigMaps } from '../resources/snapshot-config-maps.ts';
import { type KeeperOptions, SnapshotKeeper } from './snapshot-keeper.ts';

const quiet = { error() {}, warning() {}, info() {}, debug() {} };

async function trafficOps(t: TestContext): Promise<FakeTrafficOps> {
  const one = new FakeTrafficOps();
  await one.open();
  t.after(() => one.close());
  return one;
}

function keeping(t: TestContext, from: FakeTrafficOps, changes: Partial<KeeperOptions> = {}): SnapshotKeeper {
  const keeper = new SnapshotKeeper({
    cdn: cdnName(CDN),
    url: from.url,
    connect: async () => ({ url: from.url, username: 'tm', password: 'secret', insecure: false }),
    userAgent: 'test/1',
    shrinkHoldMs: 0,
    kept: [],
    log: quiet,
    onChange: () => {},
    onStatus: () => {},
    ...changes,
  });
  keeper.start();
  t.after(() => keeper.stop());
  return keeper;
}

async function keptOf(t: TestContext, from: FakeTrafficOps): Promise<ConfigMap[]> {
  const keeper = keeping(t, from);
  await until(() => keeper.packed !== null);
  assert.ok(keeper.packed);
  const maps = snapshotConfigMaps({ cdn: cdnName(CDN), namespace: 'cdn', owners: [], ...keeper.packed });
  assert.ok(maps);
  return maps;
}

test('how Traffic Ops is, is told again and again: also that nothing has changed', async (t) => {
  const told: TrafficOpsStatus[] = [];
  keeping(t, await trafficOps(t), { onStatus: (status) => told.push(status) });
  await until(() => told.some(({ acceptedAt }) => acceptedAt !== null));
  const { acceptedAt } = told.at(-1) ?? {};
  await until(() => (told.at(-1)?.acceptedAt ?? 0) > (acceptedAt ?? 0));
});

test('a snapshot that was kept is in force while Traffic Ops is away', async (t) => {
  const kept = await keptOf(t, await trafficOps(t));
  const away = await trafficOps(t);
  await away.close();
  const keeper = keeping(t, away, { kept });
  await until(() => keeper.snapshot !== null);
  assert.equal(keeper.snapshot?.crConfig.stats.date, 100);
  await until(() => keeper.facts.problem !== null);
  assert.equal(keeper.facts.reachable, false);
  assert.equal(keeper.facts.acceptedAt, '1970-01-01T00:01:40.000Z');
});

test('an older snapshot is refused after a restart too, and what is wrong is told', async (t) => {
  const newer = await trafficOps(t);
  newer.snapshot = crConfigText(300);
  const kept = await keptOf(t, newer);
  const older = await trafficOps(t);
  const keeper = keeping(t, older, { kept });
  await until(() => /older/.test(keeper.facts.problem ?? ''));
  assert.equal(keeper.facts.reachable, true);
  assert.equal(keeper.snapshot?.crConfig.stats.date, 300);
});

test('pieces that do not fit together are no snapshot, and no reason to fail', async (t) => {
  const from = await trafficOps(t);
  const [first] = await keptOf(t, from);
  const broken = { ...first, binaryData: { ...first?.binaryData, 'crconfig.json.gz.0': 'AAAA' } };
  const keeper = keeping(t, from, { kept: [broken] });
  await until(() => keeper.snapshot?.source === 'traffic-ops');
});

test('a Secret that is missing is told, and used when it comes', async (t) => {
  const from = await trafficOps(t);
  const connection = { url: from.url, username: 'tm', password: 'secret', insecure: false };
  let secret: typeof connection | null = null;
  const connect = async () => {
    if (secret === null) throw new Error('Secret cdn/traffic-ops not found');
    return secret;
  };
  const keeper = keeping(t, from, { connect });
  await until(() => /not found/.test(keeper.facts.problem ?? ''));
  assert.equal(keeper.facts.reachable, false);
  secret = connection;
  await until(() => keeper.snapshot !== null);
});
