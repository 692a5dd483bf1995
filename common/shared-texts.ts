/**
 * Makes equal texts, and equal lists of them, one object. JSON.parse makes each anew, and thousands of caches repeat the
 * same few cachegroups, profiles and delivery services: much of what a cache would take in memory.
 */
export class SharedTexts {
  readonly #texts = new Map<string, string>();
  readonly #lists = new Map<string, readonly string[]>();

  text<Text extends string | null>(text: Text): Text {
    if (text === null) return text;
    const known = this.#texts.get(text);
    if (known !== undefined) return known as Text;
    this.#texts.set(text, text);
    return text;
  }

  list<Text extends string>(texts: readonly Text[]): readonly Text[] {
    const key = JSON.stringify(texts);
    const known = this.#lists.get(key);
    if (known !== undefined) return known as readonly Text[];
    const list = texts.map((text) => this.text(text));
    this.#lists.set(key, list);
    return list;
  }
}
