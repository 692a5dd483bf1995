import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';

/** `UPDATE_DOCS=1` writes the tables instead of comparing them. */
const isUpdate = process.env['UPDATE_DOCS'] === '1';

/** Checks that the document has this table between `<!-- TITLE -->` and `<!-- end of metrics -->`. */
export async function checkTable(document: string, title: string, table: string): Promise<void> {
  const file = new URL(`../../../${document}`, import.meta.url);
  const text = await readFile(file, 'utf8');
  const begin = `<!-- ${title} -->\n`;
  const start = text.indexOf(begin) + begin.length;
  const end = text.indexOf('\n<!-- end of metrics -->', start);
  assert.ok(start >= begin.length && end >= start, `no table of ${title} in ${document}`);
  if (isUpdate) await writeFile(file, text.slice(0, start) + table + text.slice(end));
  else assert.equal(text.slice(start, end), table, 'UPDATE_DOCS=1 writes the tables anew');
}
