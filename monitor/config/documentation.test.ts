import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { keyTable } from './key-table.ts';
import { MONITOR_KEYS } from './monitor-keys.ts';
import { OPS_KEYS } from './ops-settings.ts';
import type { KeyTable } from './read-keys.ts';

const DOCUMENT = new URL('../../docs/configuration.md', import.meta.url);

/** `UPDATE_DOCS=1` writes the tables instead of comparing them. */
const isUpdate = process.env['UPDATE_DOCS'] === '1';

describe('docs/configuration.md', () => {
  const tables: [file: string, table: KeyTable][] = [
    ['traffic_monitor.cfg', MONITOR_KEYS],
    ['traffic_ops.cfg', OPS_KEYS],
  ];
  for (const [file, table] of tables) {
    test(`has the keys of ${file} as the program reads them`, async () => {
      const text = await readFile(DOCUMENT, 'utf8');
      const begin = `<!-- keys of ${file} -->\n`;
      const start = text.indexOf(begin) + begin.length;
      const end = text.indexOf('\n<!-- end of keys -->', start);
      assert.ok(start >= begin.length && end >= start, `no table of ${file}`);
      if (isUpdate) await writeFile(DOCUMENT, text.slice(0, start) + keyTable(table) + text.slice(end));
      else assert.equal(text.slice(start, end), keyTable(table), 'UPDATE_DOCS=1 writes the tables anew');
    });
  }
});
