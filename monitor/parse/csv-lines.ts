/**
 * Visits every `key,value` line of a text: the key ends at the first comma, the value is the rest. Lines end in
 * `\n` or `\r\n`; lines without a comma are left out (reference 4.1). Lines may be of any length (D26).
 */
export function forEachCsvLine(text: string, visit: (key: string, value: string) => void): void {
  let comma = text.indexOf(',');
  for (let start = 0; start < text.length && comma >= 0; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    // The next comma is looked for once, not once a line: lines without one would cost the square of their number.
    if (comma < start) comma = text.indexOf(',', start);
    if (comma >= 0 && comma < end) {
      visit(text.slice(start, comma), text.slice(comma + 1, withoutReturn(text, comma + 1, end)));
    }
    start = end + 1;
  }
}

function withoutReturn(text: string, start: number, end: number): number {
  return end > start && text[end - 1] === '\r' ? end - 1 : end;
}
