import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cachegroupName, groupName, monitorName } from '../../common/ids.ts';
import { cpuMs } from '../../common/testing/cpu-time.ts';
import { NO_ANSWER } from '../parse/peer-answer.ts';
import { cacheServer, recordError, recordGood } from '../testing/configs.ts';
import { CACHE_METRICS, METRICS } from './metrics-declared.ts';
import { MetricsRegistry } from './metrics-registry.ts';
import { metricTable } from './metrics-table.ts';
import type { MonitorFigures } from './metrics-values.ts';
import { checkTable } from './testing/checked-table.ts';
import { monitorOf, NOW_MS } from './testing/figures.ts';

const london = cachegroupName('cg-london');
const paris = cachegroupName('cg-paris');

const registryOf = (figures: () => MonitorFigures, perCache = false): MetricsRegistry =>
  new MetricsRegistry({ figures, perCache: () => perCache });

/** The lines of one metric. */
const linesOf = (text: string, name: string): string[] =>
  text.split('\n').filter((line) => new RegExp(`^${name}(_bucket|_sum|_count)?[{ ]`).test(line));

async function told(name: string, figures: () => MonitorFigures, perCache = false): Promise<string[]> {
  return linesOf(await registryOf(figures, perCache).text(), name).map((line) => line.slice(name.length));
}

/** Two cachegroups: in London one cache is up and one down, in Paris one is ADMIN_DOWN and one unpolled. */
function twoCachegroups() {
  const monitor = monitorOf([
    cacheServer('edge-1', { cachegroup: london }),
    cacheServer('edge-2', { cachegroup: london }),
    cacheServer('edge-3', { cachegroup: paris, status: 'ADMIN_DOWN' }),
    cacheServer('edge-4', { cachegroup: paris }),
    cacheServer('edge-5', { cachegroup: paris, status: 'OFFLINE' }),
  ]);
  const { states } = monitor;
  for (const name of ['edge-1', 'edge-3']) {
    recordGood(states, name, NOW_MS - 4000);
    recordGood(states, name, NOW_MS - 2000, 2_000_000n);
  }
  recordError(states, 'edge-2', NOW_MS - 1000, 'gone');
  return monitor;
}

/** Of emea; apac answers, nobody of amer does. */
const member = (name: string, live: boolean) => ({
  name: monitorName(name),
  host: name,
  port: 80,
  self: name === 'emea-0',
  live,
  lastSeenMs: null,
});
const threeGroups: MonitorFigures['groups'] = {
  group: 'emea',
  handovers: 2,
  revision: 12,
  refusals: 3,
  isRefused: true,
  leaving: 7,
  silentGroups: new Set([groupName('amer')]),
  groups: [
    {
      name: groupName('amer'),
      own: false,
      cachegroups: [],
      members: [member('amer-0', false)],
      reachable: false,
      ageMs: null,
    },
    {
      name: groupName('apac'),
      own: false,
      cachegroups: [paris],
      members: [member('apac-0', true)],
      reachable: true,
      ageMs: 1500,
    },
    {
      name: groupName('emea'),
      own: true,
      cachegroups: [],
      members: [member('emea-0', true)],
      reachable: true,
      ageMs: 0,
    },
  ],
};

/** One that has something to tell of everything. */
function wholeMonitor(): MonitorFigures {
  const peers = [{ name: 'tm-2', isAvailable: true, lastMs: NOW_MS, answer: NO_ANSWER, error: null }];
  return { ...twoCachegroups().figures(), peers, groups: threeGroups };
}

describe('metrics of cachegroups', () => {
  const rows: readonly [name: string, lines: readonly string[]][] = [
    ['tm_cachegroup_caches', ['{cachegroup="cg-london"} 2', '{cachegroup="cg-paris"} 2']],
    ['tm_cachegroup_caches_available', ['{cachegroup="cg-london"} 1', '{cachegroup="cg-paris"} 0']],
    ['tm_cachegroup_caches_down', ['{cachegroup="cg-london"} 1', '{cachegroup="cg-paris"} 1']],
    ['tm_cachegroup_bandwidth_kbps', ['{cachegroup="cg-london"} 8000', '{cachegroup="cg-paris"} 8000']],
    [
      'tm_cachegroup_bandwidth_capacity_kbps',
      ['{cachegroup="cg-london"} 10000000', '{cachegroup="cg-paris"} 10000000'],
    ],
    ['tm_caches_unpolled', [' 1']],
  ];
  for (const [name, lines] of rows) {
    it(name, async () => assert.deepEqual(await told(name, twoCachegroups().figures), lines));
  }

  it('follow the states from scrape to scrape', async () => {
    const { states, figures } = twoCachegroups();
    const registry = registryOf(figures);
    const available = async (): Promise<string[]> =>
      linesOf(await registry.text(), 'tm_cachegroup_caches_available');
    await registry.text();
    recordError(states, 'edge-1', NOW_MS, 'gone');
    assert.match((await available())[0] ?? '', / 0$/);
  });
});

describe('metrics of polls', () => {
  it('count failures by cachegroup, poller and reason, from 0', async () => {
    const { health, figures } = twoCachegroups();
    health.ended(london, 2000, 'timeout');
    health.ended(london, 1, 'refused');
    health.ended(london, 1, 'refused');
    const lines = await told('tm_poll_failures_total', figures);
    assert.ok(lines.includes('{cachegroup="cg-london",poller="health",reason="timeout"} 1'));
    assert.ok(lines.includes('{cachegroup="cg-london",poller="health",reason="refused"} 2'));
    assert.ok(lines.includes('{cachegroup="cg-paris",poller="health",reason="parse"} 0'));
  });

  it('have a histogram of durations a cachegroup, in seconds', async () => {
    const { health, figures } = twoCachegroups();
    health.ended(london, 4, null);
    health.ended(london, 40, null);
    const lines = await told('tm_poll_duration_seconds', figures);
    for (const line of [
      '_bucket{le="0.0025",cachegroup="cg-london",poller="health"} 0',
      '_bucket{le="0.005",cachegroup="cg-london",poller="health"} 1',
      '_bucket{le="0.05",cachegroup="cg-london",poller="health"} 2',
      '_bucket{le="+Inf",cachegroup="cg-london",poller="health"} 2',
      '_sum{cachegroup="cg-london",poller="health"} 0.044',
      '_count{cachegroup="cg-london",poller="health"} 2',
      '_count{cachegroup="cg-paris",poller="health"} 0',
    ])
      assert.ok(lines.includes(line), `${line} in\n${lines.join('\n')}`);
  });

  it('tell of turns that were missed and of late ones', async () => {
    const { health, figures } = monitorOf();
    health.taken(3);
    health.taken(300);
    health.missed(2);
    assert.deepEqual(await told('tm_polls_due_total', figures), ['{poller="health"} 4']);
    assert.deepEqual(await told('tm_polls_missed_total', figures), ['{poller="health"} 2']);
    const lateness = await told('tm_poll_lateness_seconds', figures);
    assert.ok(lateness.includes('_bucket{le="0.25",poller="health"} 1'), lateness.join('\n'));
  });
});

describe('metrics of the snapshot', () => {
  it('tell its age, and whether Traffic Ops answers', async () => {
    const { figures } = monitorOf();
    assert.deepEqual(await told('tm_snapshot_age_seconds', figures), [' 3']);
    assert.deepEqual(await told('tm_snapshot_created_timestamp_seconds', figures), [' 1']);
    assert.deepEqual(await told('tm_traffic_ops_reachable', figures), [' 1']);
  });

  it('have no age while there is none', async () => {
    const { figures } = monitorOf();
    const trafficOps = { ...figures().trafficOps, acceptedAt: null, trafficOpsReachable: false };
    const none = (): MonitorFigures => ({ ...figures(), snapshot: null, trafficOps });
    assert.deepEqual(await told('tm_snapshot_age_seconds', none), []);
    assert.deepEqual(await told('tm_snapshot_created_timestamp_seconds', none), []);
    assert.deepEqual(await told('tm_traffic_ops_reachable', none), [' 0']);
  });
});

describe('metrics of peers', () => {
  const peers: MonitorFigures['peers'] = [
    { name: 'tm-2', isAvailable: true, lastMs: NOW_MS - 1500, answer: NO_ANSWER, error: null },
    { name: 'tm-3', isAvailable: false, lastMs: NOW_MS - 9000, answer: NO_ANSWER, error: 'timeout' },
    { name: 'tm-4', isAvailable: false, lastMs: null, answer: NO_ANSWER, error: null },
  ];
  const { figures } = monitorOf(undefined, { peers, quorum: false, quorumMinimum: 2 });
  const rows: readonly [name: string, lines: readonly string[]][] = [
    ['tm_peers', [' 3']],
    ['tm_peers_available', [' 1']],
    ['tm_peer_up', ['{peer="tm-2"} 1', '{peer="tm-3"} 0', '{peer="tm-4"} 0']],
    ['tm_peer_age_seconds', ['{peer="tm-2"} 1.5', '{peer="tm-3"} 9']],
    ['tm_quorum', [' 0']],
    ['tm_quorum_minimum', [' 2']],
  ];
  for (const [name, lines] of rows) {
    it(name, async () => assert.deepEqual(await told(name, figures), lines));
  }
});

describe('metrics of groups', () => {
  const { figures } = monitorOf(
    [cacheServer('edge-1', { cachegroup: london }), cacheServer('edge-2', { cachegroup: paris })],
    { groups: threeGroups },
  );
  const rows: readonly [name: string, lines: readonly string[]][] = [
    ['tm_assignment_revision', [' 12']],
    ['tm_handovers', [' 2']],
    ['tm_cachegroups_unassigned', [' 1']],
    ['tm_group_cachegroups', ['{group="amer"} 0', '{group="apac"} 1', '{group="emea"} 0']],
    ['tm_group_members', ['{group="amer"} 1', '{group="apac"} 1', '{group="emea"} 1']],
    ['tm_assignment_refusals_total', [' 3']],
    ['tm_assignment_refused', [' 1']],
    ['tm_caches_leaving', [' 7']],
    ['tm_group_reachable', ['{group="amer"} 0', '{group="apac"} 1']],
    ['tm_group_age_seconds', ['{group="apac"} 1.5']],
    ['tm_group_members_live', ['{group="amer"} 0', '{group="apac"} 1', '{group="emea"} 1']],
    ['tm_group_stood_in', ['{group="amer"} 1', '{group="apac"} 0']],
  ];
  for (const [name, lines] of rows) {
    it(name, async () => assert.deepEqual(await told(name, figures), lines));
  }

  it('name the own group and the mode', async () => {
    assert.deepEqual(await told('tm_monitor_info', figures), [
      '{cdn="test-cdn",group="emea",mode="distributed"} 1',
    ]);
    assert.deepEqual(await told('tm_monitor_info', monitorOf().figures), [
      '{cdn="test-cdn",group="",mode="legacy"} 1',
    ]);
  });

  it('are absent in legacy mode', async () => {
    const legacy = monitorOf().figures;
    for (const [name] of rows) assert.deepEqual(await told(name, legacy), []);
  });
});

describe('metrics of single caches', () => {
  it('are there on request only', async () => {
    const { figures } = twoCachegroups();
    assert.deepEqual(await told('tm_cache_available', figures), []);
    assert.deepEqual(await told('tm_cache_available', figures, true), [
      '{cache="edge-1",cachegroup="cg-london",type="EDGE"} 1',
      '{cache="edge-2",cachegroup="cg-london",type="EDGE"} 0',
      '{cache="edge-3",cachegroup="cg-paris",type="EDGE"} 0',
      '{cache="edge-4",cachegroup="cg-paris",type="EDGE"} 0',
    ]);
  });

  it('say nothing of what is not known', async () => {
    const { figures } = twoCachegroups();
    assert.deepEqual(await told('tm_cache_load_average', figures, true), [
      '{cache="edge-1",cachegroup="cg-london",type="EDGE"} 0.3',
      '{cache="edge-3",cachegroup="cg-paris",type="EDGE"} 0.3',
    ]);
  });

  it('survive a hostile name', async () => {
    const { figures } = monitorOf([cacheServer('edge-1', { cachegroup: cachegroupName('a"b\\c\nd') })]);
    const text = await registryOf(figures, true).text();
    for (const name of ['tm_cache_available', 'tm_cachegroup_caches']) {
      assert.match(linesOf(text, name).join(), /cachegroup="a\\"b\\\\c\\nd"/, name);
    }
  });

  it('of 10,000 caches in 200 cachegroups are told within 200 ms', async (t) => {
    const caches = Array.from({ length: 10_000 }, (_, i) =>
      cacheServer(`edge-${i}.a-rather-long-name`, { cachegroup: cachegroupName(`cachegroup-${i % 200}`) }),
    );
    const { states, figures } = monitorOf(caches);
    for (const { name } of caches) {
      recordGood(states, name, NOW_MS - 2000);
      recordGood(states, name, NOW_MS, 12_345_678n);
    }
    const registry = registryOf(figures, true);
    const took: number[] = [];
    for (let i = 0; i < 5; i++) {
      const start = cpuMs();
      const text = await registry.text();
      took.push(cpuMs() - start);
      assert.equal(linesOf(text, 'tm_cache_available').length, 10_000);
    }
    t.diagnostic(`${took.map((ms) => ms.toFixed(0)).join(', ')} ms`);
    assert.ok(Math.min(...took) < 200, `${took} ms`);
  });
});

describe('the declared metrics', () => {
  it('are those that are told, each with its type, and with no labels but its own', async () => {
    const text = await registryOf(wholeMonitor, true).text();
    for (const [name, { type, labels, help }] of Object.entries({ ...METRICS, ...CACHE_METRICS })) {
      assert.ok(text.includes(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`), name);
      const lines = linesOf(text, name);
      assert.ok(lines.length > 0, `${name} has lines`);
      const used = new Set(
        lines.flatMap((line) => [...line.matchAll(/([a-z]+)="/g)].map(([, label]) => label)),
      );
      used.delete('le');
      assert.deepEqual([...used].sort(), [...labels].sort(), name);
    }
  });

  it('have names as Prometheus wants them', () => {
    for (const [name, { type }] of Object.entries({ ...METRICS, ...CACHE_METRICS })) {
      assert.match(name, /^tm_[a-z_]+$/);
      assert.equal(type === 'counter', name.endsWith('_total'), name);
    }
  });
});

describe('docs/metrics.md', () => {
  it('has the metrics of the monitor', () =>
    checkTable('docs/metrics.md', 'metrics of the monitor', metricTable(METRICS)));

  it('has the metrics of single caches', () =>
    checkTable('docs/metrics.md', 'metrics of single caches', metricTable(CACHE_METRICS)));

  it('has the metrics of the process', async () => {
    const collected = await registryOf(monitorOf().figures).collect();
    const ofProcess = collected.filter(({ name }) => !(name in METRICS));
    await checkTable(
      'docs/metrics.md',
      'metrics of the process',
      metricTable(Object.fromEntries(ofProcess.map(({ name, type, help }) => [name, { type, help }]))),
    );
  });
});
