import {
  bulkStats,
  csvLine,
  jsonEntry,
  loadAverageLine,
  netDevLine,
  type PayloadWriter,
  remapStats,
} from './payload.ts';

const contentTypeJson = 'text/json';
const contentTypeCsv = 'text/csv';

/** `astats` as JSON: `{"ats":{…},"system":{…}}`. */
export const astatsJson: PayloadWriter = (values, full) => {
  const traffic = full
    ? `${remapStats(values, jsonEntry)}"proxy.process.http.current_client_connections":${values.connections},`
    : '';
  const system =
    `"server":"9.2.4"},"system":{"inf.name":"${values.interfaceName}","inf.speed":${values.speedMbps},` +
    `"proc.net.dev":"${netDevLine(values)}","proc.loadavg":"${loadAverageLine(values)}",` +
    '"configReloadRequests":1,"lastReloadRequest":1408789610,"configReloads":1,"lastReload":1703274272,' +
    `"astatsLoad":1703274272,"notAvailable":${values.notAvailable}}}`;
  return {
    contentType: contentTypeJson,
    head: `{"ats":{${traffic}`,
    bulk: full ? bulkStats('json', values.extraStats, jsonEntry) : null,
    tail: system,
  };
};

/** `astats` as CSV. It has no way to say `notAvailable`. */
export const astatsCsv: PayloadWriter = (values, full) => {
  const traffic = full
    ? `${remapStats(values, csvLine)}proxy.process.http.current_client_connections,${values.connections}\n`
    : '';
  const system =
    `inf.name,${values.interfaceName}\ninf.speed,${values.speedMbps}\n` +
    `proc.net.dev,${netDevLine(values)}\nproc.loadavg,${loadAverageLine(values)}\n` +
    'configReloadRequests,1\nlastReloadRequest,1408789610\nconfigReloads,1\nlastReload,1703274272\n' +
    'astatsLoad,1703274272\n';
  return {
    contentType: contentTypeCsv,
    head: traffic,
    bulk: full ? bulkStats('csv', values.extraStats, csvLine) : null,
    tail: system,
  };
};
