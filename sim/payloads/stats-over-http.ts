import {
  bulkStats,
  csvLine,
  jsonEntry,
  type PayloadValues,
  type PayloadWriter,
  remapStats,
} from './payload.ts';

/** `stats_over_http` as JSON with the system_stats plugin: `{"global":{…}}`. Numbers are strings, as ATS has them. */
export const statsOverHttpJson: PayloadWriter = (values, full) => {
  const traffic = full
    ? `${remapStats(values, textEntry)}"proxy.process.http.current_client_connections":"${values.connections}",`
    : '';
  return {
    contentType: 'text/json',
    head: `{"global":{${traffic}`,
    bulk: full ? bulkStats('json', values.extraStats, jsonEntry) : null,
    tail: `${systemStats(values, textEntry)}"server":"9.2.4"}}`,
  };
};

/** `stats_over_http` as CSV. */
export const statsOverHttpCsv: PayloadWriter = (values, full) => {
  const traffic = full
    ? `${remapStats(values, csvLine)}proxy.process.http.current_client_connections,${values.connections}\n`
    : '';
  return {
    contentType: 'text/csv',
    head: traffic,
    bulk: full ? bulkStats('csv', values.extraStats, csvLine) : null,
    tail: systemStats(values, csvLine),
  };
};

function systemStats(values: PayloadValues, write: (name: string, value: number | bigint) => string): string {
  // Fixed point: the kernel counts load in units of 1/65536.
  const load = Math.round(values.loadAverage * 65_536);
  const net = `plugin.system_stats.net.${values.interfaceName}`;
  return (
    write('plugin.system_stats.loadavg.one', load) +
    write('plugin.system_stats.loadavg.five', load) +
    write('plugin.system_stats.loadavg.fifteen', load) +
    write('plugin.system_stats.current_processes', 863) +
    write(`${net}.speed`, values.speedMbps) +
    write(`${net}.rx_bytes`, values.bytesIn) +
    write(`${net}.tx_bytes`, values.bytesOut)
  );
}

function textEntry(name: string, value: number | bigint): string {
  return `"${name}":"${value}",`;
}
