import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArguments } from './config/arguments.ts';
import { readSettings, type SettingsRead } from './config/read-settings.ts';
import { collectByHeapSize } from './garbage-collection.ts';
import { createLogs, type MonitorLogs } from './log/logs.ts';
import type { Identity } from './serve/identity.ts';
import { useSnapshotSeed } from './snapshot-seed.ts';
import { TrafficMonitor } from './traffic-monitor.ts';

function readIdentity(): Identity {
  const manifest = readFileSync(path.join(import.meta.dirname, '..', 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  return {
    version,
    gitRevision:
      process.env['GIT_REVISION'] ?? 'No Git Revision Specified. Please build with GIT_REVISION set.',
    buildTimestamp:
      process.env['BUILD_TIMESTAMP'] ??
      'No Build Timestamp Specified. Please build with BUILD_TIMESTAMP set.',
    program: 'traffic_monitor',
    directory: process.cwd(),
    startedMs: Date.now(),
  };
}

/** The log itself says how many lines it lost once it can be written again; here is told what it never could. */
function openLogs(settings: SettingsRead): MonitorLogs {
  let dropped = 0;
  process.once('exit', () => {
    if (dropped > 0) process.stderr.write(`WARNING: log: ${dropped} lines in all could not be written\n`);
  });
  return createLogs(settings.monitor.logs, {
    onDropped: (_location, lines) => {
      dropped += lines;
    },
  });
}

function tellOddities({ monitor, ops }: SettingsRead, logs: MonitorLogs): void {
  const log = logs.for('config');
  for (const key of [...monitor.unknownKeys, ...ops.unknownKeys])
    log.info(`the key "${key}" is unknown and ignored`);
}

async function main(): Promise<void> {
  const files = parseArguments(process.argv.slice(2));
  const settings = await readSettings(files, process.env);
  // Bodies of health polls are small: without statistics the default takes less memory.
  if (settings.monitor.statPolling) collectByHeapSize();
  const logs = openLogs(settings);
  tellOddities(settings, logs);
  const monitor = new TrafficMonitor(settings, readIdentity(), logs);
  process.on('uncaughtException', (error) => monitor.reportUnexpected(error));
  process.on('unhandledRejection', (reason) => monitor.reportUnexpected(reason));
  try {
    await useSnapshotSeed(settings.monitor, logs.for('config'));
    await monitor.start();
  } catch (error) {
    await logs.close();
    throw error;
  }
  handleSignals(monitor, logs, files);
}

function handleSignals(
  monitor: TrafficMonitor,
  logs: MonitorLogs,
  files: Parameters<typeof readSettings>[0],
): void {
  const log = logs.for('main');
  const reload = async (): Promise<void> => {
    try {
      const settings = await readSettings(files, process.env);
      await monitor.reload(settings);
      tellOddities(settings, logs);
      log.info('reloaded both config files');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      monitor.reportError(`SIGHUP: the new config is refused, the old one stays in force: ${reason}`);
    }
  };
  // One after the other, however many signals come.
  let reloads = Promise.resolve();
  process.on('SIGHUP', () => {
    reloads = reloads.then(reload);
  });
  let stopping = false;
  const stop = async (drainMs: number): Promise<void> => {
    // Whoever asks twice does not want to wait.
    if (stopping) process.exit(1);
    stopping = true;
    await monitor.stop(drainMs);
    await logs.close();
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop(monitor.drainMs));
  process.on('SIGINT', () => void stop(0));
}

try {
  await main();
} catch (error) {
  console.log(`Error starting service: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}
