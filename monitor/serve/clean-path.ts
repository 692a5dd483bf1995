/**
 * The path that Go's router would redirect to: no empty, `.` or `..` segments, a trailing slash kept. Reference 9.1.
 * Both are percent-encoded.
 */
export function cleanPath(path: string): string {
  if (!needsCleaning.test(path)) return path;
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  const clean = `/${kept.join('/')}`;
  return path.endsWith('/') && clean !== '/' ? `${clean}/` : clean;
}

/** Most paths are clean: one test, no work. */
const needsCleaning = /\/\/|\/\.\.?(?:\/|$)|^[^/]|^$/;
