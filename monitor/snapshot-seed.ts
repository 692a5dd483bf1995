import type { Log } from '../common/log.ts';
import { messageOf } from '../common/message-of.ts';
import { BackupFiles } from '../common/traffic-ops/backup-files.ts';
import { seedBackupFiles } from '../common/traffic-ops/snapshot-seed.ts';
import type { MonitorSettings } from './config/settings.ts';

/** Makes backup files of `snapshot_seed_dir` where they are needed; a start goes on whatever comes of it. */
export async function useSnapshotSeed(
  settings: Pick<MonitorSettings, 'snapshotSeedDir' | 'crConfigBackupFile' | 'tmConfigBackupFile'>,
  log: Log,
): Promise<void> {
  const { snapshotSeedDir, crConfigBackupFile: crConfig, tmConfigBackupFile: monitoring } = settings;
  if (snapshotSeedDir === null) return;
  if (crConfig === '' || monitoring === '') {
    log.warning('snapshot_seed_dir is not used: there is a backup file of neither or one document only');
    return;
  }
  try {
    const outcome = await seedBackupFiles(snapshotSeedDir, new BackupFiles({ crConfig, monitoring }));
    if (outcome.kind === 'used') {
      const date = new Date(outcome.date * 1000).toISOString();
      log.info(`made backup files of the snapshot of ${date} in ${snapshotSeedDir}`);
    }
  } catch (error) {
    log.warning(`${messageOf(error)}; the backup files stay as they are`);
  }
}
