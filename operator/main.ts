import { readFileSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../common/message-of.ts';
import { findCluster } from './kube/kube-config.ts';
import { jsonLog } from './log.ts';
import { Operator } from './operator.ts';
import { readSettings } from './settings.ts';

async function main(): Promise<void> {
  const manifest = readFileSync(path.join(import.meta.dirname, '..', 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  const cluster = await findCluster(process.env);
  const settings = readSettings({ NAMESPACE: cluster.namespace, ...process.env });
  const log = jsonLog({ level: settings.logLevel, write: (line) => process.stdout.write(`${line}\n`) });
  const { credentials } = cluster;
  const operator = new Operator({
    settings,
    credentials,
    userAgent: `traffic-monitor-operator/${version}`,
    log,
    // Another one leads; what this one remembers is no longer true. Kubernetes starts it anew, as a standby.
    onLost: (reason) => {
      log.error(`leadership lost: ${reason}; ending, to begin anew as a standby`);
      process.exit(1);
    },
  });
  process.on('unhandledRejection', (reason) => log.error(`a fault of this program: ${stackOf(reason)}`));
  process.on('uncaughtException', (error) => log.error(`a fault of this program: ${stackOf(error)}`));
  let isStopping = false;
  const stop = async (): Promise<void> => {
    // Whoever asks twice does not want to wait.
    if (isStopping) process.exit(1);
    isStopping = true;
    await operator.stop();
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop());
  process.on('SIGINT', () => void stop());
  log.info(
    `version ${version} looks after the groups in namespace ${settings.namespace}, as ${settings.identity}`,
  );
  await operator.start();
}

const stackOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

try {
  await main();
} catch (error) {
  console.error(`Error starting operator: ${messageOf(error)}`);
  process.exit(1);
}
