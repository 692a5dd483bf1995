import type { Dashboard, QueryPanel } from './dashboard.ts';

/** The `data` of an answer of Prometheus' API. */
export type Ask = (route: string) => Promise<unknown>;

/** What of time the pictures show. */
export interface Span {
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** How often Prometheus scrapes: the data source of Grafana is told it. */
  readonly scrapeSeconds: number;
}

/** A variable's value, in the form in which Grafana puts it into an expression. */
export type Variables = ReadonlyMap<string, string>;

export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** [seconds, value], without those that are no number. */
  readonly points: readonly (readonly [number, number])[];
}

interface Answered {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

/** The first choice, or All where there is one: as a person leaves them. */
export async function resolveVariables(
  { templating }: Pick<Dashboard, 'templating'>,
  ask: Ask,
  span: Span,
): Promise<Variables> {
  const variables = new Map<string, string>();
  for (const variable of templating.list) {
    if (variable.type === 'datasource') continue;
    const { query } = variable.query;
    const [, selector, label] = /^label_values\((.+), *(\w+)\)$/.exec(withVariables(query, variables)) ?? [];
    if (selector === undefined || label === undefined) throw new Error(`no query of a variable: ${query}`);
    const asked = new URLSearchParams({
      'match[]': selector,
      start: String(span.startSeconds),
      end: String(span.endSeconds),
    });
    const values = (await ask(`label/${label}/values?${asked}`)) as readonly string[];
    const escaped = values.map((value) => value.replace(/[\\^$*+?.()|{}[\]]/g, '\\\\$&'));
    variables.set(variable.name, variable.includeAll ? `(${escaped.join('|')})` : (values[0] ?? ''));
  }
  return variables;
}

/** The expression of a panel as Grafana would ask it. @throws if a variable is none that is known */
export function resolveExpression(
  expr: string,
  variables: Variables,
  span: Span,
  stepSeconds: number,
): string {
  const rate = Math.max(stepSeconds + span.scrapeSeconds, 4 * span.scrapeSeconds);
  const ofTime = [
    ['__rate_interval', `${rate}s`],
    ['__range', `${span.endSeconds - span.startSeconds}s`],
  ] as const;
  return withVariables(expr, new Map([...variables, ...ofTime]));
}

function withVariables(text: string, variables: Variables): string {
  return text.replace(/\$(\w+)|\$\{(\w+)\}/g, (whole, bare?: string, braced?: string) => {
    const value = variables.get(bare ?? braced ?? '');
    if (value === undefined) throw new Error(`${whole} is no variable: ${text}`);
    return value;
  });
}

/** Between two points of a graph: what Grafana chooses for a panel of this width. */
export const stepOf = (span: Span, widthPx: number): number =>
  Math.max(span.scrapeSeconds, Math.ceil((span.endSeconds - span.startSeconds) / widthPx));

/** All series of a panel, in the order of its targets and of Prometheus. */
export async function seriesOf(
  panel: QueryPanel,
  ask: Ask,
  variables: Variables,
  span: Span,
  stepSeconds: number,
): Promise<Series[]> {
  const all: Series[] = [];
  for (const { expr, instant, legendFormat } of panel.targets) {
    const query = resolveExpression(expr, variables, span, stepSeconds);
    const route = instant
      ? `query?${new URLSearchParams({ query, time: String(span.endSeconds) })}`
      : `query_range?${new URLSearchParams({
          query,
          start: String(Math.floor(span.startSeconds / stepSeconds) * stepSeconds),
          end: String(Math.floor(span.endSeconds / stepSeconds) * stepSeconds),
          step: String(stepSeconds),
        })}`;
    const { result } = (await ask(route)) as { readonly result: readonly Answered[] };
    all.push(...result.map((answered) => toSeries(answered, legendFormat ?? '')));
  }
  return all;
}

function toSeries(
  { metric, value, values = value === undefined ? [] : [value] }: Answered,
  legend: string,
): Series {
  return {
    name: legendOf(metric, legend),
    labels: metric,
    points: values
      .map(([seconds, text]) => [seconds, Number(text)] as const)
      .filter(([, value]) => Number.isFinite(value)),
  };
}

/** The name of a series by its panel's legend format; without one, its labels. */
export function legendOf(labels: Readonly<Record<string, string>>, format: string): string {
  if (format !== '')
    return format.replace(/\{\{ *(\w+) *\}\}/g, (_, label: string) => labels[label] ?? '').trim();
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return pairs.length === 0 ? 'Value' : `{${pairs.join(', ')}}`;
}
