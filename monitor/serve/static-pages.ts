import { readFile } from 'node:fs/promises';
import path from 'node:path';

export interface StaticPage {
  readonly body: Buffer;
  readonly contentType: string;
}

/** By path of the request. */
export type StaticPages = ReadonlyMap<string, StaticPage>;

const files = [
  { route: '/', file: 'index.html', contentType: 'text/html; charset=utf-8' },
  { route: '/script.js', file: 'script.js', contentType: 'text/javascript; charset=utf-8' },
  { route: '/style.css', file: 'style.css', contentType: 'text/css; charset=utf-8' },
];

const OWN_PAGE = path.join(import.meta.dirname, '..', 'ui');

/** Reads the page into memory: of `static_file_dir`, or (null) the one that comes with this monitor. Reference 9.16. */
export async function readStaticPages(directory: string | null): Promise<StaticPages> {
  const pages = files.map(async ({ route, file, contentType }) => {
    const place = path.join(directory ?? OWN_PAGE, file);
    try {
      return [route, { body: await readFile(place), contentType }] as const;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(
        `static_file_dir: cannot read ${place} (${reason}); leave static_file_dir out to serve the page that comes with this monitor`,
      );
    }
  });
  return new Map(await Promise.all(pages));
}
