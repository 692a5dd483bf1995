import { load } from 'js-yaml';

interface Value {
  readonly key: string;
  readonly standard: string;
  readonly meaning: string;
}

/** A Markdown table of the chart's values: keys and defaults, and the comments that begin with `# --`. */
export function valuesTable(yaml: string): string {
  const rows = readValues(yaml).map(
    ({ key, standard, meaning }) => `| \`${key}\` | \`${standard}\` | ${meaning.replaceAll('|', '\\|')} |`,
  );
  return ['| value | default | meaning |', '|---|---|---|', ...rows].join('\n');
}

/**
 * The values that have a comment.
 *
 * @throws {Error} naming a value without one: it would be missing from the table
 */
export function readValues(yaml: string): readonly Value[] {
  const values: Value[] = [];
  const tree = load(yaml);
  const parents: { readonly key: string; readonly indent: number }[] = [];
  let comment: string[] = [];
  let described: { readonly indent: number } | null = null;
  for (const line of yaml.split('\n')) {
    const [, words] = /^\s*# ?(.*)$/.exec(line) ?? [];
    if (words !== undefined) {
      comment.push(words);
      continue;
    }
    const [, spaces = '', name] = /^(\s*)([A-Za-z_]\w*):/.exec(line) ?? [];
    if (name === undefined) continue;
    const indent = spaces.length;
    while ((parents.at(-1)?.indent ?? -1) >= indent) parents.pop();
    const key = [...parents.map((parent) => parent.key), name].join('.');
    parents.push({ key: name, indent });
    if (described !== null && indent <= described.indent) described = null;
    const meaning = meaningIn(comment);
    comment = [];
    if (meaning !== null) {
      described = { indent };
      values.push({ key, standard: JSON.stringify(valueAt(tree, key)), meaning });
    } else if (described === null && !isBranch(valueAt(tree, key))) {
      throw new Error(`values.yaml: ${key} has no comment that begins with "# --"`);
    }
  }
  return values;
}

/** Lines from the last that begins with `--`. */
function meaningIn(comment: readonly string[]): string | null {
  const start = comment.findLastIndex((line) => line.startsWith('-- '));
  if (start < 0) return null;
  return [comment[start]?.slice(3) ?? '', ...comment.slice(start + 1)].join(' ');
}

function valueAt(tree: unknown, key: string): unknown {
  return key.split('.').reduce<unknown>((value, name) => (isBranch(value) ? value[name] : undefined), tree);
}

function isBranch(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}
