import type { Reply } from '../reply.ts';

/** The body of a reply as text, put together from its pieces if it is made of such. */
export function textOf({ body }: Reply): string {
  if (typeof body === 'string' || Buffer.isBuffer(body)) return String(body);
  if ('plain' in body) return String(body.plain());
  if (!(Symbol.iterator in body.pieces)) throw new Error('pieces that come later have to be waited for');
  return [...body.pieces].join('');
}
