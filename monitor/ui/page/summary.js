/**
 * What stands above everything: who this is, how the CDN is, and what is wrong with what is shown.
 * @import { MonitorGroups, Overview } from '../types.ts'
 */
import { byId, setAttribute, setMeter, setText } from './dom.js';
import { ago, bitRate, count, dateAndTime, duration, percent, shareOf, timeOfDay } from './format.js';
import { healthOf } from './groups.js';
import { sparkline } from './sparkline.js';

/** Of the small picture of the traffic: half an hour at one a 5 s. */
const KEPT_POINTS = 360;

export class Summary {
  /** @type {{ timeMs: number, value: number | null }[]} */
  #traffic = [];

  /** @param {Overview} overview */
  show(overview) {
    const { caches, bandwidthKbps, capacityKbps, snapshot, nowMs } = overview;
    setText(byId('monitor'), overview.monitor);
    setText(byId('cdn'), overview.cdn || '?');
    setText(byId('version'), overview.version.replace(/^traffic_monitor-/, ''));
    setText(byId('traffic-ops'), overview.trafficOps);
    setText(byId('uptime'), duration(nowMs - overview.startedMs));
    document.title = `${caches.down > 0 ? `${caches.down} down · ` : ''}${overview.cdn} · Traffic Monitor`;

    setText(byId('caches-available'), count(caches.available));
    setText(byId('caches-all'), count(caches.all));
    const rest = [
      caches.unpolled > 0 ? `${count(caches.unpolled)} waiting` : '',
      caches.outOfService > 0 ? `${count(caches.outOfService)} out of service` : '',
    ];
    setText(byId('caches-down'), caches.down === 0 ? 'none down' : `${count(caches.down)} down`);
    setText(byId('caches-rest'), rest.filter(Boolean).join(' · '));
    setAttribute(byId('tile-caches'), 'data-level', caches.down > 0 ? 'bad' : 'good');
    for (const [id, part] of /** @type {const} */ ([
      ['share-available', caches.available],
      ['share-down', caches.down],
      ['share-waiting', caches.unpolled],
    ])) {
      byId(id).style.flexGrow = String(part);
    }
    byId('share-out').style.flexGrow = String(caches.outOfService);

    setText(byId('bandwidth'), bitRate(bandwidthKbps));
    const share = shareOf(bandwidthKbps, capacityKbps);
    setText(byId('capacity'), `of ${bitRate(capacityKbps)} · ${percent(share)}`);
    setMeter(byId('bandwidth-meter'), share);
    this.#traffic = [...this.#traffic, { timeMs: nowMs, value: bandwidthKbps }].slice(-KEPT_POINTS);
    byId('bandwidth-spark').replaceChildren(
      sparkline(this.#traffic, { label: 'What all caches sent since this page was opened' }),
    );

    setText(byId('snapshot-source'), snapshot === null ? 'none yet' : sourceWords(snapshot.source));
    setText(byId('snapshot-age'), snapshot === null ? '' : `confirmed ${ago(snapshot.acceptedMs, nowMs)}`);
    const date = snapshot?.dateMs ?? null;
    setAttribute(byId('tile-snapshot'), 'title', date === null ? '' : `snapshot of ${dateAndTime(date)}`);
    const isOld = overview.usingDummyTO || !overview.isTrafficOpsReachable;
    setAttribute(byId('tile-snapshot'), 'data-level', isOld ? 'bad' : 'good');
    this.#showNotices(overview);
  }

  /** @param {number} available @param {number} all */
  showServices(available, all) {
    setText(byId('services-available'), count(available));
    setText(byId('services-all'), count(all));
    setText(byId('services-down'), available === all ? 'none down' : `${all - available} down`);
    setAttribute(byId('tile-services'), 'data-level', available === all ? 'good' : 'bad');
  }

  /** @param {MonitorGroups | null} groups */
  showGroups(groups) {
    const refused = groups?.refused ?? null;
    byId('notice-assignment').hidden = refused === null;
    setText(
      byId('notice-assignment'),
      `An assignment document is refused, revision ${groups?.revision ?? '–'} stays in force: ${refused?.reason ?? ''}`,
    );
    const isDistributed = groups !== null && groups.mode === 'distributed';
    byId('tile-groups').hidden = !isDistributed;
    document.body.classList.toggle('distributed', isDistributed);
    if (!isDistributed) return;
    const healths = groups.groups.map(healthOf);
    const live = healths.filter((health) => health !== 'dead').length;
    const partly = healths.filter((health) => health === 'partly').length;
    setText(byId('groups-live'), String(live));
    setText(byId('groups-all'), String(healths.length));
    const { handovers } = groups;
    const troubles = [
      live < healths.length ? `${healths.length - live} dead` : '',
      partly > 0 ? `${partly} in part` : '',
      handovers.length > 0 ? `${handovers.length} moving` : '',
    ].filter(Boolean);
    setText(byId('groups-text'), troubles.join(' · ') || `revision ${groups.revision ?? '–'}`);
    setAttribute(
      byId('tile-groups'),
      'data-level',
      live < healths.length ? 'bad' : partly > 0 ? 'warn' : 'good',
    );
  }

  /** @param {readonly string[]} routes @param {number} sinceMs */
  showFailures(routes, sinceMs) {
    const notice = byId('notice-silent');
    notice.hidden = routes.length === 0;
    document.body.classList.toggle('silent', routes.length > 0);
    setText(
      notice,
      `This monitor has not answered since ${timeOfDay(sinceMs)} UTC: what is shown is as old as that. (${routes.join(', ')})`,
    );
  }

  /** @param {Overview} overview */
  #showNotices({ closedBecause, quorumProblem, usingDummyTO, isTrafficOpsReachable, trafficOpsError }) {
    const silentBecause = closedBecause ?? quorumProblem;
    byId('notice-starting').hidden = silentBecause === null;
    setText(byId('notice-starting'), `Routers get no answer from this monitor: ${silentBecause ?? ''}.`);
    byId('notice-disk').hidden = !usingDummyTO;
    byId('notice-traffic-ops').hidden = usingDummyTO || isTrafficOpsReachable;
    setAttribute(byId('notice-traffic-ops'), 'title', trafficOpsError ?? '');
    byId('notice-snapshot').hidden = usingDummyTO || !isTrafficOpsReachable || trafficOpsError === null;
    setText(
      byId('notice-snapshot'),
      `What Traffic Ops says now is not taken, and the last good snapshot stays in force: ${trafficOpsError ?? ''}.`,
    );
  }
}

/** @param {string} source */
const sourceWords = (source) =>
  source === 'traffic-ops' ? 'Traffic Ops' : source === 'backup' ? 'copies on disk' : source;
