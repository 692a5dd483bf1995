import type { CacheState } from '../health/cache-state.ts';
import type { Route } from './app.ts';
import { cacheDetail, cacheHistory } from './cache-detail.ts';
import { type CacheTableSource, cacheTable } from './cache-table.ts';
import { overview } from './overview.ts';
import { PreparedBody } from './prepared-body.ts';
import { json } from './reply.ts';
import type { Served } from './routes.ts';
import { serviceTable } from './service-table.ts';

/** However many pages are open, the tables are made once a second at most. */
const SETTLE_MS = 1000;

/** What routes of the Go monitor and of the page both tell, so that they tell the same. */
export interface SharedFigures {
  readonly isAvailable: (state: CacheState) => boolean;
  readonly capacityOf: (state: CacheState) => number;
  readonly bandwidthKbps: () => string;
  readonly capacityKbps: () => string;
}

/** Routes that the page reads beside those of the Go monitor; docs/page.md. Other programs may read them too. */
export function pageRoutes(served: Served, figures: SharedFigures): readonly Route[] {
  const { identity, states, combined, statistics } = served;
  const { isAvailable, capacityOf: capacityKbps } = figures;
  const boot = `p${identity.startedMs.toString(36)}`;
  const ofStates = (build: () => string): (() => ReturnType<PreparedBody['current']>) => {
    const urgent = (): number => states.verdictRevision + combined.revision + served.events.revision;
    const body = new PreparedBody({
      urgent,
      revision: () => states.revision,
      build,
      settleMs: () => SETTLE_MS,
      boot,
    });
    return () => body.current(performance.now());
  };
  const kbpsElsewhere = ({ subject }: CacheState): number | null => {
    const { isReporting, outBytesPerSecond } = statistics.traffic.of(subject.name);
    return isReporting ? outBytesPerSecond / 125 : null;
  };
  const tableSource = (): CacheTableSource => ({
    caches: states.configured,
    isAvailable,
    capacityKbps,
    kbpsElsewhere,
  });
  const caches = ofStates(() => cacheTable(tableSource()));
  const services = ofStates(() =>
    serviceTable({
      ids: combined.deliveryServices.sorted,
      caches: states.sorted,
      isCacheAvailable: isAvailable,
      isAvailable: (id) => combined.deliveryServices.isAvailable(id),
      statistics: (id) => (served.settings().monitor.statPolling ? statistics.services.get(id) : undefined),
    }),
  );
  const tell = (): string =>
    overview({
      identity,
      monitor: served.monitorName(),
      settings: served.settings(),
      snapshot: served.snapshot(),
      trafficOps: served.trafficOps(),
      closedBecause: served.closedBecause(),
      quorumProblem: served.peering.quorumProblem(Date.now()),
      healthIntervalMs: served.healthIntervalMs(),
      caches: states.sorted,
      isAvailable,
      bandwidthKbps: Number(figures.bandwidthKbps()),
      capacityKbps: Number(figures.capacityKbps()),
      nowMs: Date.now(),
    });
  const open = (path: string, answer: Route['answer']): Route => ({ path, answer, isUngated: true });
  return [
    open('/api/overview', () => json(tell())),
    open('/api/caches', () => json(caches())),
    open('/api/cache', ({ query }) => cacheDetail(query, tableSource())),
    open('/api/cache-history', ({ query }) => cacheHistory(query, served.recent)),
    open('/api/delivery-services', () => json(services())),
  ];
}
