import { open, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { crConfigProblem, decodeCrConfig } from './cr-config.ts';
import { decodeMonitoringBytes } from './decode-monitoring.ts';
import { messageOf } from './errors.ts';
import { KeptDocument } from './kept-document.ts';
import type { CrConfig, MonitoringConfig } from './monitoring.ts';

/** An empty path: that document is not kept. */
export interface BackupPaths {
  readonly crConfig: string;
  readonly monitoring: string;
}

export interface BackupDocuments {
  readonly monitoring: MonitoringConfig;
  readonly monitoringDocument: KeptDocument;
  readonly crConfig: CrConfig;
}

/** The copies on disk from which a monitor starts while Traffic Ops is down; rules: reference 2.3, D10, D11, D13. */
export class BackupFiles {
  readonly #paths: BackupPaths;
  /** Path → what we know to be in that file. */
  readonly #written = new Map<string, KeptDocument>();

  constructor(paths: BackupPaths) {
    this.#paths = paths;
  }

  /**
   * Writes both documents as Traffic Ops sent them, each in one step: a reader sees the old file or the new one. What
   * is in a file already is not written again. To be called with accepted documents only, one call at a time.
   *
   * @throws Error naming the file; the other one is written nevertheless
   */
  async save(documents: {
    readonly crConfig: KeptDocument;
    readonly monitoring: KeptDocument;
  }): Promise<void> {
    const results = await Promise.allSettled([
      this.#saveOne(this.#paths.monitoring, documents.monitoring),
      this.#saveOne(this.#paths.crConfig, documents.crConfig),
    ]);
    const problems = results.flatMap((result) =>
      result.status === 'rejected' ? [messageOf(result.reason)] : [],
    );
    if (problems.length > 0) throw new Error(problems.join('; '));
  }

  async #saveOne(file: string, document: KeptDocument): Promise<void> {
    if (file === '') return;
    try {
      const known = this.#written.get(file);
      if (known?.equals(document) && (await sizeOf(file)) === document.size) return;
      this.#written.delete(file);
      await replaceFile(file, await document.unpackAside());
      this.#written.set(file, document);
    } catch (error) {
      throw new Error(`backup file ${file} not written: ${messageOf(error)}`, { cause: error });
    }
  }

  /**
   * Both documents, decoded and validated: as written by us or by the Go Traffic Monitor.
   *
   * @throws Error naming the file and what is wrong with it
   */
  async load(): Promise<BackupDocuments> {
    const monitoring = new KeptDocument(await read(this.#paths.monitoring));
    const crConfig = new KeptDocument(await read(this.#paths.crConfig));
    return decodeBackup(monitoring, crConfig, {
      monitoring: `backup file ${this.#paths.monitoring}`,
      crConfig: `backup file ${this.#paths.crConfig}`,
    });
  }
}

/**
 * Kept copies of both documents, decoded and validated.
 *
 * @param names what they are, for messages
 * @throws Error naming the one that cannot be used, and what is wrong with it
 */
export function decodeBackup(
  monitoringDocument: KeptDocument,
  crConfigDocument: KeptDocument,
  names: { readonly monitoring: string; readonly crConfig: string },
): BackupDocuments {
  const monitoring = naming(names.monitoring, () => decodeMonitoringBytes(monitoringDocument.unpack()));
  const crConfig = naming(names.crConfig, () => {
    const decoded = decodeCrConfig(crConfigDocument);
    const problem = crConfigProblem(decoded.stats, undefined);
    if (problem !== undefined) throw new Error(problem);
    return decoded;
  });
  return { monitoring, monitoringDocument, crConfig };
}

async function read(file: string): Promise<Buffer> {
  if (file === '') throw new Error('no backup file is configured');
  try {
    return await readFile(file);
  } catch (error) {
    throw new Error(`backup file ${file} not read: ${messageOf(error)}`, { cause: error });
  }
}

function naming<Value>(name: string, decode: () => Value): Value {
  try {
    return decode();
  } catch (error) {
    throw new Error(`${name} not usable: ${messageOf(error)}`, { cause: error });
  }
}

/** undefined: no such file. */
async function sizeOf(file: string): Promise<number | undefined> {
  const found = await stat(file).catch(() => undefined);
  return found?.size;
}

async function replaceFile(file: string, content: Buffer): Promise<void> {
  // A symbolic link stays one: what it points to is replaced.
  const target = await realpath(file).catch(() => file);
  const found = await stat(target).catch(() => undefined);
  // Renaming onto a device like /dev/null would replace the device.
  if (found?.isCharacterDevice()) return writeFile(target, content);
  if (found !== undefined && !found.isFile()) throw new Error('there is something that is not a file');
  const temporary = path.join(path.dirname(target), `.${path.basename(target)}.${process.pid}.tmp`);
  try {
    await writeDurably(temporary, content);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}

async function writeDurably(file: string, content: Buffer): Promise<void> {
  const handle = await open(file, 'w', 0o644);
  try {
    // Whatever the umask: other programs read these files.
    await handle.chmod(0o644);
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
