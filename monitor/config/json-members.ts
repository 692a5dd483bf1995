/** One `"key": value` of the outermost object. */
export interface JsonMember {
  readonly key: string;
  readonly value: unknown;
  /** Of the key; from 1. */
  readonly line: number;
}

/** Where a text stops being JSON. Quotes one character at most: the file may hold a password. */
export class JsonFault extends Error {
  readonly line: number;
  readonly column: number;

  constructor(message: string, line: number, column: number) {
    super(message);
    this.name = 'JsonFault';
    this.line = line;
    this.column = column;
  }
}

/**
 * The members of the one object that `text` must hold, in the file's order, repeated keys included.
 * `JSON.parse` cannot be asked: it drops repeated keys, has no line for a key, and for a short text
 * none for the fault.
 *
 * @throws {JsonFault} if `text` is not JSON or not an object.
 */
export function jsonMembers(text: string): JsonMember[] {
  const scan = new Scanner(text);
  if (!scan.take('{')) scan.fail('a "{", because the file must hold one JSON object');
  const members: JsonMember[] = [];
  if (!scan.take('}')) {
    do {
      scan.space();
      const line = scan.position().line;
      const key = scan.key();
      members.push({ key, value: scan.value(), line });
    } while (scan.take(','));
    scan.expect('}', '"," or "}"');
  }
  scan.end();
  return members;
}

const SPACE = /[ \t\r\n]*/y;
// JSON forbids the control characters below a space, and no others.
const STRING =
  /"[^"\\[\p{Cc}--[\x7f-\x9f]]]*(?:\\(?:["\\\/bfnrt]|u[\da-fA-F]{4})[^"\\[\p{Cc}--[\x7f-\x9f]]]*)*"/vy;
const SCALAR = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

class Scanner {
  readonly #text: string;
  #at: number;

  constructor(text: string) {
    this.#text = text;
    // Editors on Windows put an invisible byte order mark there.
    this.#at = text.startsWith('\uFEFF') ? 1 : 0;
  }

  space(): void {
    this.#match(SPACE);
  }

  take(token: string): boolean {
    this.space();
    if (!this.#text.startsWith(token, this.#at)) return false;
    this.#at += token.length;
    return true;
  }

  expect(token: string, expected = `"${token}"`): void {
    if (!this.take(token)) this.fail(expected);
  }

  /** A key and its colon. */
  key(): string {
    this.space();
    const quoted = this.#match(STRING) ?? this.fail('a key in double quotes');
    this.expect(':');
    return JSON.parse(quoted) as string;
  }

  /** Goes over one value without recursion: no depth of brackets can overflow the stack. */
  value(): unknown {
    this.space();
    const start = this.#at;
    const open: ('}' | ']')[] = [];
    do {
      this.#begin(open);
    } while (this.#goesOn(open));
    return JSON.parse(this.#text.slice(start, this.#at));
  }

  end(): void {
    this.space();
    if (this.#at < this.#text.length) this.fail('the end of the file');
  }

  position(): { line: number; column: number } {
    const before = this.#text.slice(0, this.#at);
    return { line: before.split('\n').length, column: this.#at - before.lastIndexOf('\n') };
  }

  fail(expected: string): never {
    const code = this.#text.codePointAt(this.#at);
    const found = code === undefined ? 'the end of the file' : JSON.stringify(String.fromCodePoint(code));
    const { line, column } = this.position();
    throw new JsonFault(`expected ${expected}, found ${found}`, line, column);
  }

  /** Down to the next scalar or empty bracket. */
  #begin(open: ('}' | ']')[]): void {
    for (;;) {
      if (this.take('{')) {
        if (this.take('}')) return;
        open.push('}');
        this.key();
      } else if (this.take('[')) {
        if (this.take(']')) return;
        open.push(']');
      } else {
        if ((this.#match(STRING) ?? this.#match(SCALAR)) === undefined) this.fail('a value');
        return;
      }
    }
  }

  /** Closes the brackets that end here; true if another value follows. */
  #goesOn(open: ('}' | ']')[]): boolean {
    for (let bracket = open.at(-1); bracket !== undefined; bracket = open.at(-1)) {
      if (this.take(bracket)) {
        open.pop();
        continue;
      }
      this.expect(',', `"," or "${bracket}"`);
      if (bracket === '}') this.key();
      return true;
    }
    return false;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }
}
