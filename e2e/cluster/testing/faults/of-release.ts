import type { Pod } from '../cdn-ground.ts';
import { type Fault, nothing } from './fault.ts';

const mark = 'example.net/release';

export const faultsOfRelease: readonly Fault[] = [
  {
    name: 'rolling update',
    about: '`helm upgrade` with another annotation for all pods of monitors',
    takesMonitors: true,
    only: 'full',
    async run(stage) {
      // Another one each time: this fault comes twice.
      const changed = new Date().toISOString();
      await stage.upgrade({ podAnnotations: { 'example.net/changed': changed } });
      await stage.untilAllPods(
        'have the annotation',
        ({ metadata }) => metadata.annotations?.['example.net/changed'] === changed,
      );
      return nothing;
    },
  },
  {
    name: 'group scaled',
    about: '`helm upgrade`: a group from 2 monitors to 1, to 3, to 1 and back',
    takesMonitors: true,
    async run(stage, length) {
      const { groups } = stage.state;
      for (const apac of length === 'full' ? [1, 3, 1] : [1, 3]) {
        await stage.upgrade({ groups: { ...groups, apac } });
        await stage.settle();
      }
      await stage.upgrade({ groups });
      return nothing;
    },
  },
  {
    name: 'group added, deleted',
    about: '`helm upgrade` with one more group, then without it',
    takesMonitors: true,
    async run(stage) {
      const { groups } = stage.state;
      await stage.upgrade({ groups: { ...groups, south: 2 } });
      await stage.settle();
      await stage.upgrade({ groups });
      await stage.until('the group to be gone', async () => (await stage.ground.group('south')) === null);
      return nothing;
    },
  },
  {
    name: 'helm upgrade, rollback',
    about: 'to a new image and another value of the chart, with every pod replaced; and back',
    takesMonitors: true,
    async run(stage) {
      const before = stage.state;
      const { cluster } = stage.ground;
      const has = (image: string, marked: string | undefined) => (pod: Pod) =>
        pod.metadata.annotations?.[mark] === marked &&
        (pod.spec.containers?.every((container) => container.image === image) ?? false);
      const next = await cluster.nextImage();
      // The mark replaces every pod also where there is no other image.
      await stage.upgrade({ image: next, operatorLogLevel: 'debug', podAnnotations: { [mark]: 'next' } });
      await stage.untilAllPods('have the new image', has(next, 'next'));
      await stage.settle();
      await stage.rollBack(before);
      await stage.untilAllPods('have the old image', has(cluster.image.name, undefined));
      return nothing;
    },
  },
];
