/** A document may be kept whole or, where objects have a limit in size, in pieces: `NAME`, or `NAME.0`, `NAME.1`, … */

/** The names among `names` that make up the document, in order; empty: it is not there. */
export function pieceNames(names: Iterable<string>, document: string): string[] {
  const pieces: { readonly name: string; readonly number: number }[] = [];
  for (const name of names) {
    if (name === document) return [name];
    const number = name.startsWith(`${document}.`) ? name.slice(document.length + 1) : '';
    if (/^\d+$/.test(number)) pieces.push({ name, number: Number(number) });
  }
  return pieces.sort((a, b) => a.number - b.number).map(({ name }) => name);
}
