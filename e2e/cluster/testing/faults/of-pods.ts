import { podProcesses } from '../../pod-processes.ts';
import { isReady, type Pod } from '../cdn-ground.ts';
import { type Fault, nothing, pause } from './fault.ts';
import type { Stage } from './stage.ts';

/** Readiness is looked at every 2 s and waits for 2 s, twice; then the Service has to be told. */
const noticedMs = 10_000;

export const faultsOfPods: readonly Fault[] = [
  {
    name: 'monitor pods deleted',
    about: 'every monitor pod in turn, with its usual grace (short: one of each group)',
    takesMonitors: true,
    async run(stage, length) {
      const pods = stage.ground.pods.filter(
        ({ metadata }) => length === 'full' || metadata.name.endsWith('-0'),
      );
      for (const pod of pods) {
        await deletePod(stage, pod);
        if (length === 'full') await stage.settle();
      }
      return nothing;
    },
  },
  {
    name: 'monitor stopped',
    about: 'SIGSTOP to the process of a container; SIGCONT after 15 s (full: 30 s)',
    takesMonitors: true,
    onlyOnOwn: true,
    async run(stage, length) {
      const [pod] = stage.readyPods();
      if (pod === undefined) throw new Error('there is no ready monitor');
      const share = 1 / stage.readyPods().length;
      const pids = podProcesses(pod.metadata.uid ?? '');
      if (pids.length === 0) throw new Error(`no process of ${pod.metadata.name} was found`);
      for (const pid of pids) process.kill(pid, 'SIGSTOP');
      try {
        await pause(length === 'full' ? 30_000 : 15_000);
      } finally {
        for (const pid of pids) process.kill(pid, 'SIGCONT');
      }
      return { share, withinMs: noticedMs };
    },
  },
];

/** With its usual grace; until the one in its place is ready. */
export async function deletePod(stage: Stage, { metadata }: Pod): Promise<void> {
  await stage.ground.cluster.kubectl('delete', 'pod', '-n', stage.ground.namespace, metadata.name);
  await stage.until(`${metadata.name} to be back`, async () =>
    stage.ground.pods.some(
      (pod) => pod.metadata.name === metadata.name && pod.metadata.uid !== metadata.uid && isReady(pod),
    ),
  );
}
