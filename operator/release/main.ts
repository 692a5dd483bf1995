/**
 * What the chart runs beside operator and monitors, as hooks of Helm: `apply` makes the groups of a release,
 * `remove` deletes them, `check` asks the routers' Service. It ends with status 1 when it could not, and with 2 when
 * another try would end the same.
 */
import { readFileSync } from 'node:fs';
import { monotonicClock } from '../../common/clock.ts';
import { KubeApi } from '../../common/kube/api.ts';
import { KubeTransport } from '../../common/kube/transport.ts';
import { messageOf } from '../../common/message-of.ts';
import { findCluster } from '../kube/kube-config.ts';
import { decodeGroups } from './desired-groups.ts';
import { RefusedError, ReleaseGroups } from './release-groups.ts';
import { checkRouterService } from './router-check.ts';

const say = (line: string): void => console.log(line);

const needed = (name: string): string => {
  const value = process.env[name] ?? '';
  if (value === '') throw new Error(`${name} is not set`);
  return value;
};

const deadlineMs = (): number => {
  const seconds = Number(needed('DEADLINE_SECONDS'));
  if (!(seconds > 0)) throw new Error('DEADLINE_SECONDS has to be a number above 0');
  return seconds * 1000;
};

async function main(command: string | undefined): Promise<void> {
  switch (command) {
    case 'apply':
      return withGroups((groups) => groups.apply(decodeGroups(readFileSync(needed('GROUPS_FILE'), 'utf8'))));
    case 'remove':
      return withGroups((groups) => groups.remove());
    case 'check':
      return say(
        await checkRouterService({
          url: needed('ROUTER_URL'),
          deadlineMs: deadlineMs(),
          clock: monotonicClock,
        }),
      );
    default:
      throw new Error('usage: node operator/release/main.ts apply|remove|check');
  }
}

async function withGroups(work: (groups: ReleaseGroups) => Promise<void>): Promise<void> {
  const { credentials, namespace } = await findCluster(process.env);
  const transport = new KubeTransport({ credentials, userAgent: 'traffic-monitor-chart' });
  try {
    const groups = new ReleaseGroups({
      api: new KubeApi({ transport, limit: null }),
      namespace: process.env['NAMESPACE'] ?? namespace,
      release: needed('RELEASE'),
      cdn: needed('CDN'),
      deadlineMs: deadlineMs(),
      clock: monotonicClock,
      say,
    });
    await work(groups);
  } finally {
    await transport.close();
  }
}

try {
  await main(process.argv[2]);
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = error instanceof RefusedError ? 2 : 1;
}
