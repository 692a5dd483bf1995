import type { Dashboard, Panel, QueryPanel } from './dashboard.ts';
import { drawStateTimeline } from './draw-state-timeline.ts';
import { drawTimeSeries } from './draw-time-series.ts';
import { drawBarGauge, drawStat, drawTable } from './draw-values.ts';
import { escaped } from './markup.ts';
import {
  type Ask,
  resolveVariables,
  type Series,
  type Span,
  seriesOf,
  stepOf,
  type Variables,
} from './queries.ts';

/** Grafana's grid: 24 columns, rows of 30 px, 8 px between. */
const COLUMNS = 24;
const ROW = 38;
const GAP = 8;
const HEADER = 32;
const TOP = 60;
export const PAGE_WIDTH = 1600;

const STYLE = `
body{margin:0;background:#111217;color:#ccccdc;font:12px Inter,sans-serif;width:${PAGE_WIDTH}px;position:relative}
h1{font-size:18px;font-weight:500;margin:0;padding:14px 12px 2px;height:22px}
p{margin:0;padding:0 12px;color:#8e8e9a}
p b{color:#ccccdc;font-weight:500;margin-right:12px}
section{position:absolute;box-sizing:border-box;background:#181b1f;border:1px solid #25272c;border-radius:2px;overflow:hidden}
section>h2{font-size:13px;font-weight:500;margin:0;padding:8px 10px;height:16px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
h3{position:absolute;margin:0;font-size:15px;font-weight:500;line-height:30px}
h3::before{content:'⌄';margin:0 8px;color:#8e8e9a}
svg{display:block}
svg text{fill:#9d9da8;font-size:12px}
svg text.on{fill:#111217;font-weight:500}
.grid{stroke:#2c2f36;stroke-width:1}
.legend{padding:0 10px;line-height:20px;max-height:35%;overflow:hidden}
.legend span{margin-right:14px;white-space:nowrap;display:inline-block}
.legend i{display:inline-block;width:14px;height:4px;border-radius:2px;margin-right:6px;vertical-align:middle}
.nothing{height:70%;display:flex;align-items:center;justify-content:center;color:#8e8e9a;font-size:14px;text-align:center}
.stats{display:flex;gap:2px;height:calc(100% - ${HEADER}px)}
.stats>div{flex:1;display:flex;flex-direction:column;align-items:center;justify-content:center;min-width:0}
.stats b{font-size:34px;font-weight:500}
.bars{display:grid;grid-template-columns:max-content 1fr max-content;gap:5px 10px;padding:2px 10px;align-items:center}
.bar{background:#22252b;height:16px}.bar i{display:block;height:100%}
.bars b{font-weight:500}
table{border-collapse:collapse;width:100%}
td,th{text-align:left;padding:5px 10px;border-bottom:1px solid #25272c;white-space:nowrap;font-weight:400}th{color:#6e9fff;font-weight:500}
`;

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function boxOf({ gridPos: { x, y, w, h } }: Panel): Box {
  const column = (PAGE_WIDTH - GAP) / COLUMNS;
  return {
    left: Math.round(GAP + x * column),
    top: TOP + y * ROW,
    width: Math.round(w * column) - GAP,
    height: h * ROW - GAP,
  };
}

/** What has been drawn of a dashboard. */
export interface Picture {
  readonly html: string;
  readonly heightPx: number;
  /** Panels with nothing to show that do not say what this means. */
  readonly emptyPanels: readonly string[];
}

/** A dashboard as a page: every panel with what Prometheus answers to its own queries. */
export async function drawDashboard(dashboard: Dashboard, ask: Ask, span: Span): Promise<Picture> {
  const variables = await resolveVariables(dashboard, ask, span);
  const emptyPanels: string[] = [];
  const parts: string[] = [];
  for (const panel of dashboard.panels) {
    const { left, top, width, height } = boxOf(panel);
    const place = `left:${left}px;top:${top}px;width:${width}px;height:${height}px`;
    if (panel.type === 'row') {
      parts.push(`<h3 style="${place}">${escaped(panel.title)}</h3>`);
      continue;
    }
    const stepSeconds = stepOf(span, width);
    const series = await seriesOf(panel, ask, variables, span, stepSeconds);
    if (series.length === 0 && panel.fieldConfig.defaults.noValue === undefined)
      emptyPanels.push(panel.title);
    const size = { width: width - 2, height: height - HEADER - 2 };
    parts.push(
      `<section style="${place}"><h2>${escaped(panel.title)}</h2>${drawPanel(panel, series, span, stepSeconds, size)}</section>`,
    );
  }
  const heightPx = Math.max(...dashboard.panels.map(boxOf).map(({ top, height }) => top + height)) + GAP;
  const html = `<!doctype html><meta charset="utf-8"><style>${STYLE}body{height:${heightPx}px}</style>
<h1>${escaped(dashboard.title)}</h1><p>${choices(dashboard, variables)}</p>${parts.join('\n')}`;
  return { html, heightPx, emptyPanels };
}

function drawPanel(
  panel: QueryPanel,
  series: readonly Series[],
  span: Span,
  stepSeconds: number,
  size: { readonly width: number; readonly height: number },
): string {
  switch (panel.type) {
    case 'stat':
      return drawStat(panel, series);
    case 'bargauge':
      return drawBarGauge(panel, series);
    case 'table':
      return drawTable(panel, series);
    case 'timeseries':
      return drawTimeSeries(panel, series, span, stepSeconds, size);
    case 'state-timeline':
      return drawStateTimeline(panel, series, span, stepSeconds, size);
  }
}

/** The variables as a person sees them above the panels. */
function choices({ templating }: Dashboard, variables: Variables): string {
  return templating.list
    .filter((variable) => variable.type === 'query')
    .map(({ name, label, includeAll }) => {
      const value = includeAll ? 'All' : (variables.get(name) ?? '');
      return `${escaped(label)} <b>${escaped(value)}</b>`;
    })
    .join(' ');
}
