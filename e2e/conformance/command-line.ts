/** Splits a command line into words: quotes group, a backslash escapes. No shell is involved. */
export function splitCommand(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (let i = 0; i < line.length; i++) {
    const char = line.charAt(i);
    const escapes = char === '\\' && i + 1 < line.length && quote !== "'";
    if (escapes) word = (word ?? '') + line.charAt(++i);
    else if (char === quote) quote = null;
    else if (quote !== null) word += char;
    else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (/\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + char;
  }
  if (quote !== null) throw new Error('unbalanced quote in command');
  if (word !== null) words.push(word);
  return words;
}
