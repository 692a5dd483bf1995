import type { KeyTable } from './read-keys.ts';

/** The Markdown table of a settings file's keys, as docs/configuration.md holds it. */
export const keyTable = (table: KeyTable): string =>
  [
    '| Key | Type | Default | Rule: must be | Meaning | Differs from Go |',
    '|---|---|---|---|---|---|',
    ...Object.entries(table).map(([name, { type, initialText, rule, meaning, differs = '' }]) =>
      row([
        `\`${name}\``,
        type,
        initialText === 'empty' ? 'empty' : `\`${initialText}\``,
        rule,
        meaning,
        differs,
      ]),
    ),
  ].join('\n');

const row = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
