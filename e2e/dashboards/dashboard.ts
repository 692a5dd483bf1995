import fs from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import Type from 'typebox';
import { UNITS } from './units.ts';

/**
 * As much of Grafana's dashboards as ours use and as is drawn here: whatever else a dashboard says is refused, so that
 * no picture leaves something out.
 */
const object = <T extends Type.TProperties>(properties: T) =>
  Type.Object(properties, { additionalProperties: false });
const oneOf = <const T extends string>(...values: readonly T[]) => Type.Unsafe<T>(Type.Enum([...values]));
const optional = Type.Optional;

const datasource = object({ type: Type.Literal('prometheus'), uid: Type.Literal('${datasource}') });
const thresholds = object({
  mode: Type.Literal('absolute'),
  steps: Type.Array(object({ color: Type.String(), value: Type.Union([Type.Number(), Type.Null()]) })),
});
const mapping = object({
  type: Type.Literal('value'),
  options: Type.Record(
    Type.String(),
    object({ text: Type.String(), color: optional(Type.String()), index: optional(Type.Integer()) }),
  ),
});
const field = {
  unit: oneOf(...UNITS),
  decimals: optional(Type.Integer()),
  min: optional(Type.Number()),
  max: optional(Type.Number()),
  noValue: optional(Type.String()),
  thresholds,
  mappings: optional(Type.Array(mapping)),
};
const fieldConfig = <T extends Type.TProperties>(defaults: T) =>
  object({ defaults: object(defaults), overrides: Type.Array(Type.Never(), { maxItems: 0 }) });
const target = object({
  refId: Type.String(),
  datasource,
  expr: Type.String(),
  legendFormat: optional(Type.String()),
  instant: optional(Type.Literal(true)),
  format: optional(Type.Literal('table')),
});
const base = {
  id: Type.Integer(),
  title: Type.String(),
  description: Type.String(),
  datasource,
  gridPos: object({ x: Type.Integer(), y: Type.Integer(), w: Type.Integer(), h: Type.Integer() }),
  targets: Type.Array(target, { minItems: 1 }),
};
const reduceOptions = object({ calcs: Type.Tuple([Type.Literal('lastNotNull')]) });
const tooltip = object({ mode: oneOf('multi', 'single'), sort: oneOf('desc', 'none') });
const legend = object({ displayMode: oneOf('list', 'hidden'), placement: Type.Literal('bottom') });

const row = object({
  id: Type.Integer(),
  type: Type.Literal('row'),
  title: Type.String(),
  collapsed: Type.Literal(false),
  gridPos: base.gridPos,
  panels: Type.Array(Type.Never(), { maxItems: 0 }),
});
const stat = object({
  ...base,
  type: Type.Literal('stat'),
  fieldConfig: fieldConfig(field),
  options: object({
    reduceOptions,
    colorMode: oneOf('background', 'none'),
    graphMode: Type.Literal('none'),
    textMode: Type.Literal('auto'),
  }),
});
const barGauge = object({
  ...base,
  type: Type.Literal('bargauge'),
  fieldConfig: fieldConfig(field),
  options: object({
    reduceOptions,
    orientation: Type.Literal('horizontal'),
    displayMode: Type.Literal('basic'),
  }),
});
const timeSeries = object({
  ...base,
  type: Type.Literal('timeseries'),
  fieldConfig: fieldConfig({
    ...field,
    custom: object({
      lineWidth: Type.Integer(),
      fillOpacity: Type.Integer(),
      showPoints: oneOf('never', 'auto'),
      lineInterpolation: optional(oneOf('linear', 'stepAfter')),
      stacking: object({ mode: oneOf('none', 'normal') }),
      thresholdsStyle: optional(object({ mode: oneOf('off', 'dashed') })),
    }),
  }),
  options: object({ legend, tooltip }),
});
const stateTimeline = object({
  ...base,
  type: Type.Literal('state-timeline'),
  fieldConfig: fieldConfig({
    ...field,
    custom: object({ lineWidth: Type.Integer(), fillOpacity: Type.Integer() }),
  }),
  options: object({
    mergeValues: Type.Literal(true),
    showValue: Type.Literal('auto'),
    alignValue: Type.Literal('left'),
    rowHeight: Type.Number(),
    legend,
    tooltip,
  }),
});
const table = object({
  ...base,
  type: Type.Literal('table'),
  fieldConfig: fieldConfig(field),
  transformations: Type.Tuple([
    object({
      id: Type.Literal('organize'),
      options: object({
        excludeByName: Type.Record(Type.String(), Type.Literal(true)),
        renameByName: Type.Record(Type.String(), Type.String()),
        indexByName: Type.Record(Type.String(), Type.Integer()),
      }),
    }),
  ]),
});
const panel = Type.Union([row, stat, barGauge, timeSeries, stateTimeline, table]);

const variable = Type.Union([
  object({
    name: Type.Literal('datasource'),
    label: Type.String(),
    type: Type.Literal('datasource'),
    query: Type.Literal('prometheus'),
  }),
  object({
    name: oneOf('cdn', 'instance', 'namespace'),
    label: Type.String(),
    type: Type.Literal('query'),
    datasource,
    query: object({ query: Type.String(), refId: Type.String() }),
    refresh: Type.Literal(2),
    sort: Type.Literal(1),
    multi: Type.Boolean(),
    includeAll: Type.Boolean(),
    current: object({}),
  }),
]);
const dashboard = object({
  uid: Type.String(),
  title: Type.String(),
  description: Type.String(),
  tags: Type.Array(Type.String()),
  links: Type.Array(
    object({
      title: Type.String(),
      type: Type.Literal('dashboards'),
      tags: Type.Array(Type.String()),
      asDropdown: Type.Boolean(),
      includeVars: Type.Boolean(),
      keepTime: Type.Boolean(),
    }),
  ),
  schemaVersion: Type.Integer(),
  editable: Type.Boolean(),
  graphTooltip: Type.Integer(),
  refresh: Type.String(),
  time: object({ from: Type.String(), to: Type.Literal('now') }),
  timezone: Type.Literal('browser'),
  templating: object({ list: Type.Array(variable) }),
  panels: Type.Array(panel, { minItems: 1 }),
});

export type Dashboard = Type.Static<typeof dashboard>;
export type Panel = Type.Static<typeof panel>;
export type Row = Type.Static<typeof row>;
export type Stat = Type.Static<typeof stat>;
export type BarGauge = Type.Static<typeof barGauge>;
export type TimeSeries = Type.Static<typeof timeSeries>;
export type StateTimeline = Type.Static<typeof stateTimeline>;
export type Table = Type.Static<typeof table>;
export type QueryPanel = Exclude<Panel, Row>;
/** How the values of a panel are written and coloured. */
export type Field = Pick<Stat['fieldConfig']['defaults'], keyof typeof field>;

const ajv = new Ajv({ allErrors: true });
// The panels each by the schema of their type: of all of them together, one fault would give six pages of errors.
const isFrame = ajv.compile({
  ...dashboard,
  properties: {
    ...dashboard.properties,
    panels: { type: 'array', items: { type: 'object', required: ['type'] } },
  },
});
const isPanel = new Map(panel.anyOf.map((one) => [one.properties.type.const as string, ajv.compile(one)]));

/** @throws Error naming where a dashboard says what is not drawn here */
export function decodeDashboard(text: string): Dashboard {
  const document: unknown = JSON.parse(text);
  const problems: string[] = [];
  const check = (isValid: ValidateFunction, value: unknown, dataVar: string): void => {
    if (!isValid(value)) problems.push(ajv.errorsText(isValid.errors, { dataVar, separator: '\n' }));
  };
  check(isFrame, document, 'dashboard');
  const { panels = [] } = document as {
    readonly panels?: readonly { readonly type: string; readonly title?: string }[];
  };
  for (const one of panels) {
    const isValid = isPanel.get(one.type);
    if (isValid === undefined) problems.push(`a panel of type ${one.type}`);
    else check(isValid, one, `panel "${one.title}"`);
  }
  if (problems.length > 0) throw new Error(`not drawn here:\n${problems.join('\n')}`);
  return document as Dashboard;
}

export const readDashboard = (file: string): Dashboard => decodeDashboard(fs.readFileSync(file, 'utf8'));
