import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runProgram } from './run-program.ts';
import { nothing, oneFailed, readTap, sum, type Tally } from './tally.ts';

interface NodeTestOptions {
  /** Test files at a time. */
  readonly concurrency: number;
  /** A test that takes longer fails. */
  readonly timeoutMs: number;
  /** The run is ended, and fails, when it takes longer. */
  readonly limitMs: number;
}

/** Runs test files with Node's own runner, shows its report, and counts from a second, machine-readable one. */
export async function runNodeTests(files: readonly string[], options: NodeTestOptions): Promise<Tally> {
  if (files.length === 0) {
    console.log('no test files');
    return nothing;
  }
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'tm-tests-'));
  const report = path.join(scratch, 'report.tap');
  try {
    const args = [
      '--test',
      `--test-concurrency=${options.concurrency}`,
      `--test-timeout=${options.timeoutMs}`,
      // A test that failed may have left something open: the others wait for it otherwise.
      '--test-force-exit',
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      '--test-reporter=tap',
      `--test-reporter-destination=${report}`,
      ...files,
    ];
    const { succeeded } = await runProgram(process.execPath, args, { limitMs: options.limitMs });
    const tally = fs.existsSync(report) ? readTap(fs.readFileSync(report, 'utf8')) : null;
    if (tally === null) return oneFailed;
    // A runner that fails although no test did must not go unnoticed.
    return succeeded || tally.failed > 0 ? tally : sum([tally, oneFailed]);
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}
