const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign);

/** What a panel shows that has nothing to show. */
export const nothingToShow = (text = 'No data'): string => `<div class="nothing">${escaped(text)}</div>`;

/** The names and colours of all series; what does not fit into its share of the panel is cut off, as it is in sight. */
export const legendList = (entries: readonly { readonly name: string; readonly colour: string }[]): string =>
  `<div class="legend">${entries
    .map(({ name, colour }) => `<span><i style="background:${colour}"></i>${escaped(name)}</span>`)
    .join('')}</div>`;

/** About how wide a text of 12 px is. */
export const textWidth = (text: string): number => text.length * 7;

/** How high the legend of a panel may be, in px, with these names. */
export function legendHeight(names: readonly string[], width: number, height: number): number {
  let rows = names.length === 0 ? 0 : 1;
  let used = 0;
  for (const name of names) {
    const needed = textWidth(name) + 34;
    if (used + needed > width && used > 0) {
      rows++;
      used = 0;
    }
    used += needed;
  }
  return Math.min(rows * 20, height * 0.35);
}
