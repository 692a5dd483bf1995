import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { integerBetween, oneOf, seededRandom } from '../../sim/seeded-random.ts';
import { DocumentRecorder } from './document-recorder.ts';
import { describeOnGround } from './on-ground.ts';

const KILLS = 50;
const seed = Number(process.env['SEED'] ?? Date.now() % 100_000);
const random = seededRandom(seed);
const NAMES = ['emea', 'apac', 'latam', 'nam'];

describeOnGround(`an operator that is killed ${KILLS} times during changes (SEED=${seed})`, (at) => {
  /** What the groups that exist should be. */
  const wanted = new Map<
    string,
    { replicas: number; exclude: string[]; paused: boolean; location: string }
  >();
  const cachegroups = (): string[] => at().ground.world.cachegroups.map(({ cachegroup }) => cachegroup);

  const apply = (name: string): Promise<unknown> => at().ground.applyGroup(name, { ...wanted.get(name) });

  const add = async (name: string): Promise<void> => {
    const location = oneOf(random, cachegroups()) ?? '';
    wanted.set(name, { replicas: integerBetween(random, 1, 3), exclude: [], paused: false, location });
    await apply(name);
  };

  /** One change, as people make them. */
  const changeSomething = async (): Promise<string> => {
    const { ground } = at();
    const missing = NAMES.filter((name) => !wanted.has(name));
    const name = oneOf(random, [...wanted.keys()]) ?? 'emea';
    const group = wanted.get(name);
    const kind = oneOf(random, ['scale', 'scale', 'exclude', 'pause', 'add', 'delete', 'die', 'revive']);
    if (group === undefined) return 'nothing';
    switch (kind) {
      case 'scale':
        group.replicas = integerBetween(random, 1, 3);
        break;
      case 'exclude':
        // Not by all: the first group excludes nothing.
        if (name !== NAMES[0]) group.exclude = [oneOf(random, cachegroups()) ?? ''];
        break;
      case 'pause':
        group.paused = !group.paused;
        break;
      case 'add': {
        const [fresh] = missing;
        if (fresh === undefined || (await ground.group(fresh)) !== null) return 'nothing';
        await add(fresh);
        return `add ${fresh}`;
      }
      case 'delete':
        if (name === NAMES[0] || wanted.size < 3) return 'nothing';
        wanted.delete(name);
        await ground.deleteGroup(name);
        return `delete ${name}`;
      case 'die':
        ground.members.die(`tm-${name}-0`);
        return `${name} loses a member`;
      default:
        ground.members.revive(`tm-${name}-0`);
        return `${name} gets it back`;
    }
    await apply(name);
    return `${kind} ${name}: ${JSON.stringify(group)}`;
  };

  test('nothing is lost or said twice on the way, and the end is as if it had never been killed', async (t) => {
    const { plane, ground } = at();
    t.diagnostic(`SEED=${seed}`);
    const operator = await ground.startOperator();
    for (const name of NAMES.slice(0, 2)) await add(name);
    await ground.untilSettled(...wanted.keys());
    const recorder = new DocumentRecorder(ground.admin, ground.namespace, cachegroups);
    recorder.start();
    const story: string[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      // Some are killed in the midst of a change, some while they start.
      if (random() < 0.6) {
        await plane.until('it to have planned', async () => {
          return (await operator.metric('tm_operator_assignment_revision')) > 0;
        });
      }
      story.push(await changeSomething());
      await sleep(integerBetween(random, 0, 500));
      operator.kill();
      await plane.until('its end', async () => !operator.running);
      operator.restart();
    }
    for (const name of NAMES) ground.members.revive(`tm-${name}-0`);
    for (const [name, group] of wanted) {
      group.paused = false;
      await apply(name);
    }
    const names = [...wanted.keys()].sort();
    try {
      await ground.untilSettled(...names);
      await plane.until('the end of deleted groups', async () => {
        const groups = await ground.list('trafficcontrol.cdn/v1alpha1', 'trafficmonitorgroups');
        return groups.map(({ metadata }) => metadata.name).join() === names.join();
      });
      await ground.untilSettled(...names);
      // Each cachegroup has one owner, by the documents of all groups alike.
      for (const name of names) {
        const owners = await ground.owners(name);
        assert.equal(owners.size, cachegroups().length);
        for (const [cachegroup, [owner, ...others]] of owners) {
          assert.deepEqual(others, [], cachegroup);
          assert.ok(
            !wanted.get(owner ?? '')?.exclude.includes(cachegroup),
            `${owner} excludes ${cachegroup}`,
          );
        }
      }
      const members = names.flatMap((name) =>
        Array.from({ length: wanted.get(name)?.replicas ?? 0 }, (_, ordinal) => `tm-${name}-${ordinal}`),
      );
      const namesOf = async (apiVersion: string, plural: string): Promise<string[]> => {
        const objects = await ground.list(apiVersion, plural);
        return objects
          .map(({ metadata }) => metadata.name)
          .filter((name) => name.startsWith('tm-'))
          .sort();
      };
      const all = names.map((name) => `tm-${name}`);
      await plane.until('nothing that is not asked for', async () => {
        const pods = await namesOf('v1', 'pods');
        return pods.join() === members.join();
      });
      for (const [apiVersion, plural] of [
        ['apps/v1', 'statefulsets'],
        ['v1', 'configmaps'],
        ['v1', 'services'],
        ['policy/v1', 'poddisruptionbudgets'],
        ['rbac.authorization.k8s.io/v1', 'roles'],
      ] as const) {
        await plane.until(`the right ${plural}`, async () => {
          return (await namesOf(apiVersion, plural)).join() === all.join();
        });
      }
      assert.deepEqual(await namesOf('coordination.k8s.io/v1', 'leases'), members);
      console.log(`SEED=${seed}: ${KILLS} kills; ${await recorder.stop()}`);
    } catch (error) {
      console.log(`SEED=${seed}: ${story.join('\n')}\n${operator.lastWords}`);
      throw error;
    }
    assert.ok(recorder.revisions > 10);
  });
});
