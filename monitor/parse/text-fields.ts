/** The non-empty pieces of a text between separators; `isSeparator` is asked for each UTF-16 code. */
export function fieldsOf(text: string, isSeparator: (code: number) => boolean): string[] {
  const fields: string[] = [];
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    if (at < text.length && !isSeparator(text.charCodeAt(at))) continue;
    if (at > start) fields.push(text.slice(start, at));
    start = at + 1;
  }
  return fields;
}
