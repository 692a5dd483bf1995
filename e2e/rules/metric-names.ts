/** Words of PromQL that are no metrics though they look like one; functions are known by what follows them. */
const KEYWORDS = new Set([
  'and',
  'or',
  'unless',
  'by',
  'without',
  'on',
  'ignoring',
  'bool',
  'offset',
  'inf',
  'nan',
]);

/** The names of the metrics that a PromQL expression asks for. */
export function metricNamesIn(expression: string): string[] {
  const bare = expression
    // Grafana's variables.
    .replace(/\$\{?\w+\}?/g, '1')
    .replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '')
    .replace(/\{[^}]*\}/g, '')
    .replace(/\[[^\]]*\]/g, '')
    .replace(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, '');
  const names = [...bare.matchAll(/(?<![\w.])[a-zA-Z_:][\w:]*(?!\w*\s*\()/g)].map(([name]) => name);
  return [...new Set(names)].filter((name) => !KEYWORDS.has(name.toLowerCase()));
}

/** The metric that a series belongs to: those of histograms have a suffix. */
export const metricOf = (series: string): string => series.replace(/_(?:bucket|sum|count)$/, '');
