import { bulkStats, jsonEntry, loadAverageLine, netDevLine, type PayloadWriter } from './payload.ts';

/** `vstats` of a Varnish cache. Its health and stat polls have the same URL, so both get everything. */
export const vstats: PayloadWriter = (values, full) => ({
  contentType: 'application/json',
  head:
    `{"proc.net.dev":"${netDevLine(values)}","proc.loadavg":"${loadAverageLine(values)}",` +
    `"not_available":${values.notAvailable},"inf_speed":${values.speedMbps},"stats":{`,
  bulk: full ? bulkStats('json', values.extraStats, jsonEntry) : null,
  tail: `"MAIN.sess_conn":${values.connections}}}`,
});
