import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { closeServer } from '../../sim/listening.ts';
import { SimulatedTrafficOps } from '../../sim/traffic-ops.ts';
import { buildWorld } from '../../sim/world.ts';
import { ControlPlane } from '../api/control-plane.ts';
import { SimulatedMembers } from '../api/simulated-members.ts';
import { programSets } from '../tools/programs.ts';
import { findTools, whyMissing } from '../tools/tools.ts';
import { type CommandBlock, commandBlocks, runCommands } from './document-commands.ts';
import { ReleaseOperators } from './release-operators.ts';
import { ReleasePods } from './release-pods.ts';

const needed = [...programSets.api, ...programSets.chart];
const missing = whyMissing(needed);
if (missing !== null) console.log(`SKIPPED: commands of the documents: ${missing}`);

const root = path.join(import.meta.dirname, '../..');
const namespace = 'traffic-control';
const install = commandBlocks('install.md');
const isLast = ({ title }: CommandBlock): boolean => title === 'Uninstall';

/** In the order in which somebody would who reads all of them. */
const blocks: readonly CommandBlock[] = [
  ...install.filter((block) => !isLast(block)),
  ...commandBlocks('upgrade.md'),
  ...commandBlocks('traffic-router.md'),
  ...commandBlocks('migrate.md'),
  ...commandBlocks('security.md'),
  ...commandBlocks('troubleshooting.md'),
  ...install.filter(isLast),
];

/** What a monitor says, on its way to routers. */
const answers: Readonly<Record<string, string>> = {
  '/publish/CrStates': JSON.stringify({ caches: { a: { isAvailable: true } }, deliveryServices: {} }),
  '/publish/CrConfig': '{}',
};

describe('the commands in the documents work', { skip: missing ?? false }, () => {
  let plane: ControlPlane;
  let pods: ReleasePods;
  let members: SimulatedMembers;
  let operators: ReleaseOperators;
  let trafficOps: SimulatedTrafficOps;
  let monitor: http.Server;
  let folder: string;
  let environment: Record<string, string>;
  let replaced: readonly (readonly [written: string, here: string])[];

  before(async () => {
    const { tools } = await findTools(needed);
    assert.ok(tools !== null);
    plane = await ControlPlane.start();
    const world = buildWorld({
      cdn: 'my-cdn',
      cachePort: 1,
      cachegroups: 6,
      edges: 6,
      intervals: { trafficOps: 500 },
    });
    trafficOps = await SimulatedTrafficOps.start(world);
    monitor = http.createServer(({ url = '' }, response) => response.end(answers[url] ?? ''));
    await new Promise<void>((resolve) => monitor.listen(0, '127.0.0.1', resolve));
    const monitorUrl = `http://127.0.0.1:${(monitor.address() as AddressInfo).port}`;
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tmo-documents-'));
    for (const name of [
      'helm',
      'crds',
      'monitor',
      'common',
      'node_modules',
      'package.json',
      'package-lock.json',
      'scripts',
    ])
      fs.symlinkSync(path.join(root, name), path.join(folder, name));
    const bin = path.join(folder, 'bin');
    fs.mkdirSync(bin);
    for (const [name, file] of [
      ['helm', tools.helm],
      ['kubectl', tools.kubectl],
      ['node', process.execPath],
    ] as const)
      fs.symlinkSync(file, path.join(bin, name));
    environment = {
      PATH: `${bin}:${process.env['PATH']}`,
      HOME: folder,
      KUBECONFIG: plane.kubeconfigFile('admin'),
    };
    const places = world.cachegroups.map(({ cachegroup }) => cachegroup);
    replaced = [
      ['https://traffic-ops.example.net', trafficOps.url],
      ["'the password'", trafficOps.password],
      ['cg-london', places[0] ?? ''],
      ['cg-denver', places[1] ?? ''],
      ['cg-tokyo', places[2] ?? ''],
      ['http://NEW', monitorUrl],
      ['http://OLD', monitorUrl],
    ];
    pods = new ReleasePods(plane, namespace);
    pods.replaced.set('ROUTER_URL', `${monitorUrl}/publish/CrStates`);
    pods.start();
    members = new SimulatedMembers(plane.admin, namespace);
    members.start();
    operators = new ReleaseOperators(plane, namespace, pods);
  });

  after(async () => {
    await operators?.close();
    await members?.stop();
    await pods?.stop();
    await trafficOps?.close();
    if (monitor !== undefined) await closeServer(monitor);
    await plane?.stop();
    if (folder !== undefined) fs.rmSync(folder, { recursive: true, force: true });
  });

  for (const block of blocks) {
    const { document, title } = block;
    test(`${document}: ${title}: ${block.commands.split('\n')[0]}`, async () => {
      let commands = block.commands;
      for (const [written, here] of replaced) commands = commands.replaceAll(written, here);
      const printed = await runCommands({ ...block, commands }, folder, environment);
      if (commands.startsWith('helm install')) await operators.start('my-cdn');
      if (commands.startsWith('kubectl auth can-i')) assertNarrow(printed);
    });
  }

  test('and leave nothing of it in the cluster', async () => {
    const names = (await plane.admin.list('/api/v1/namespaces')).map(({ metadata }) => metadata.name);
    assert.ok(!names.includes(namespace));
    const crds = await plane.admin.list('/apis/apiextensions.k8s.io/v1/customresourcedefinitions');
    assert.deepEqual(crds, []);
  });
});

/** What `kubectl auth can-i --list` says of monitors, then of the operator. */
function assertNarrow(printed: string): void {
  const [monitor = '', operator = ''] = printed.split(/(?=^Resources )/m);
  const rights = (text: string): string[] =>
    text
      .split('\n')
      .slice(1)
      // What everybody may: ask what he may, and find out which version the API server has.
      .filter((line) => line !== '' && !line.startsWith('self') && !/\[\/[^\]]*\]/.test(line))
      .map((line) => line.replace(/ +/g, ' ').trim());
  assert.deepEqual(rights(monitor).sort(), [
    'configmaps [] [tm-emea] [get list watch]',
    ...[0, 1, 2].map((member) => `leases.coordination.k8s.io [] [tm-emea-${member}] [get update patch]`),
  ]);
  assert.ok(!/\*/.test(rights(operator).join('')), operator);
  assert.ok(rights(operator).some((line) => line.startsWith('secrets') && line.endsWith('[get]')));
}
