import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { prepared } from './prepared-body.ts';
import type { Reply } from './reply.ts';

/** By path of the request. */
export type StaticPages = ReadonlyMap<string, Reply>;

const files = [
  { route: '/', file: 'index.html' },
  { route: '/script.js', file: 'script.js' },
  { route: '/style.css', file: 'style.css' },
];

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const OWN_PAGE = path.join(import.meta.dirname, '..', 'ui');

/** Parts of our own page: files of this folder, under the same name in the URL. */
const PARTS = 'page';

/**
 * Our own page loads nothing from elsewhere and runs nothing that is written into it. It may be framed: it changes
 * nothing, and walls of screens put pages beside each other.
 */
const ownHeaders: Readonly<Record<string, string>> = {
  // A browser asks each time whether it has the newest, and mostly gets a 304.
  'Cache-Control': 'no-cache',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** Reads the page into memory: of `static_file_dir`, or (null) the one that comes with this monitor. Reference 9.16. */
export async function readStaticPages(directory: string | null): Promise<StaticPages> {
  if (directory !== null) {
    // As the Go monitor serves it: these three files, and no headers that an operator's own page does not expect.
    const pages = files.map(async ({ route, file }) => {
      const body = await readPart(path.join(directory, file));
      return [route, { status: 200, contentType: contentTypeOf(file), body, isPlain: true }] as const;
    });
    return new Map(await Promise.all(pages));
  }
  const parts = (await readdir(path.join(OWN_PAGE, PARTS)))
    .filter((file) => path.extname(file) in contentTypes)
    .map((file) => ({ route: `/${PARTS}/${file}`, file: path.join(PARTS, file) }));
  const pages = [...files, ...parts].map(async ({ route, file }) => {
    const bytes = await readPart(path.join(OWN_PAGE, file));
    const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 16);
    const body = prepared(bytes, `W/"${hash}"`);
    return [route, { status: 200, contentType: contentTypeOf(file), body, headers: ownHeaders }] as const;
  });
  return new Map(await Promise.all(pages));
}

const contentTypeOf = (file: string): string =>
  contentTypes[path.extname(file)] ?? 'application/octet-stream';

async function readPart(place: string): Promise<Buffer> {
  try {
    return await readFile(place);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `static_file_dir: cannot read ${place} (${reason}); leave static_file_dir out to serve the page that comes with this monitor`,
    );
  }
}
