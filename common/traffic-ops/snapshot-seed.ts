import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { BackupFiles } from './backup-files.ts';
import { crConfigProblem, decodeCrConfig } from './cr-config.ts';
import { decodeMonitoringBytes } from './decode-monitoring.ts';
import { messageOf } from './errors.ts';
import { KeptDocument } from './kept-document.ts';
import { pieceNames } from './snapshot-pieces.ts';

/** The snapshot as the operator keeps it for monitors, each document packed with gzip, whole or in pieces. */
export const SEED_FILES = { monitoring: 'tmconfig.json.gz', crConfig: 'crconfig.json.gz' } as const;

/** What became of a seed. */
export type SeedOutcome =
  /** It is in the backup files now. @param date of the snapshot, seconds since 1970 */
  | { readonly kind: 'used'; readonly date: number }
  /** The backup files are as new, or newer. */
  | { readonly kind: 'not needed' }
  | { readonly kind: 'none' };

const unpack = promisify(gunzip);
/** As much as is taken from Traffic Ops. */
const MAX_UNPACKED_BYTES = 512 * 1024 * 1024;

/**
 * Makes backup files of the snapshot that lies packed in a directory, if they are missing, not readable, or older: so
 * a monitor with an empty disk starts while Traffic Ops is down. To be called before anything else uses the files.
 *
 * @throws Error naming the file and what is wrong with it; the backup files stay as they are
 */
export async function seedBackupFiles(directory: string, backups: BackupFiles): Promise<SeedOutcome> {
  const crConfig = await unpacked(directory, SEED_FILES.crConfig);
  const monitoring = await unpacked(directory, SEED_FILES.monitoring);
  if (crConfig === null && monitoring === null) return { kind: 'none' };
  if (crConfig === null || monitoring === null) {
    const missing = crConfig === null ? SEED_FILES.crConfig : SEED_FILES.monitoring;
    throw new Error(
      `snapshot seed ${path.join(directory, missing)} is missing, but the other document is there`,
    );
  }
  const date = dateOf(directory, crConfig, monitoring);
  const backup = await backups.load().catch(() => null);
  if (backup !== null && (backup.crConfig.stats.date ?? 0) >= date) return { kind: 'not needed' };
  await backups.save({ crConfig, monitoring });
  return { kind: 'used', date };
}

/** Date of the CDN snapshot. @throws Error if one of the documents would be refused when the backup files are read */
function dateOf(directory: string, crConfig: KeptDocument, monitoring: KeptDocument): number {
  let file: string = SEED_FILES.monitoring;
  try {
    decodeMonitoringBytes(monitoring.unpack());
    file = SEED_FILES.crConfig;
    const { stats } = decodeCrConfig(crConfig);
    const problem = crConfigProblem(stats, undefined);
    if (problem !== undefined) throw new Error(problem);
    return stats.date ?? 0;
  } catch (error) {
    throw new Error(`snapshot seed ${path.join(directory, file)} not usable: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** null: there is no such document. Pieces of two snapshots fail the check of gzip. */
async function unpacked(directory: string, document: string): Promise<KeptDocument | null> {
  try {
    const names = pieceNames(await namesIn(directory), document);
    if (names.length === 0) return null;
    const pieces = await Promise.all(names.map((name) => readFile(path.join(directory, name))));
    return new KeptDocument(await unpack(Buffer.concat(pieces), { maxOutputLength: MAX_UNPACKED_BYTES }));
  } catch (error) {
    throw new Error(`snapshot seed ${path.join(directory, document)} not read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
