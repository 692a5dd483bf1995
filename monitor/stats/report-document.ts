import { type CdnName, cdnName, type MonitorName, monitorName } from '../../common/ids.ts';
import type { CacheReport } from './cache-report.ts';
import { REPORT_VERSION, ReportError, reportLine } from './report-lines.ts';

/** Who tells of caches, and when. */
export interface ReportHead {
  readonly cdn: CdnName;
  readonly monitor: MonitorName;
  /** When the document was made, by the clock of who made it: ms since the epoch. */
  readonly nowMs: number;
}

/** What ends the first line: reports follow, a line each. */
const OPEN = '"caches":[';
const CLOSE = ']}';

/**
 * The body of `/api/group-statistics`: JSON, with one report a line, so that it can be read a few lines at a time.
 * docs/distributed.md describes it.
 */
export function reportDocument({ cdn, monitor, nowMs }: ReportHead, reports: Iterable<CacheReport>): string {
  const lines: string[] = [];
  for (const report of reports) lines.push(reportLine(report));
  const head = JSON.stringify({ version: REPORT_VERSION, cdn, monitor, nowMs });
  return `${head.slice(0, -1)},${OPEN}\n${lines.join(',\n')}\n${CLOSE}\n`;
}

/** Such a body: who tells it, and its reports as lines for `readReportLine`. */
export interface ReadDocument {
  readonly head: ReportHead;
  readonly lines: readonly string[];
}

/** @throws ReportError if it is none, with the reason */
export function readReportDocument(text: string): ReadDocument {
  const [first = '', ...rest] = text.trimEnd().split('\n');
  if (rest.pop() !== CLOSE || !first.endsWith(OPEN)) {
    throw new ReportError('no statistics of a monitor: it must end as it begins, with a line of its own');
  }
  const lines = rest.filter((line) => line !== '');
  return {
    head: readHead(first),
    lines: lines.map((line) => (line.endsWith(',') ? line.slice(0, -1) : line)),
  };
}

function readHead(line: string): ReportHead {
  let head: unknown;
  try {
    head = JSON.parse(line + CLOSE);
  } catch (error) {
    throw new ReportError(`no statistics of a monitor: ${error instanceof Error ? error.message : error}`);
  }
  const field = (name: string): unknown =>
    Object.hasOwn(Object(head), name) ? Object(head)[name] : undefined;
  const [version, cdn, monitor, nowMs] = ['version', 'cdn', 'monitor', 'nowMs'].map(field);
  if (version !== REPORT_VERSION) {
    throw new ReportError(
      `statistics of version ${JSON.stringify(version)}, this monitor reads version ${REPORT_VERSION}: run the same version on all monitors`,
    );
  }
  if (typeof cdn !== 'string' || typeof monitor !== 'string' || typeof nowMs !== 'number') {
    throw new ReportError('statistics must name their CDN, their monitor and their time');
  }
  return { cdn: cdnName(cdn), monitor: monitorName(monitor), nowMs };
}
