import { bodyKind } from './content-type.ts';
import { payloadFormat } from './payload-format.ts';
import type { Payload, Sample } from './sample.ts';
import { readStatsOverHttpCsv } from './stats-over-http-csv.ts';
import { readInterfaces } from './stats-over-http-interfaces.ts';
import { readStatsOverHttpJson } from './stats-over-http-json.ts';
import { readLoadAverages } from './stats-over-http-load.ts';
import { timestampOf } from './timestamp.ts';
import { explaining, Unreadable } from './unreadable.ts';

/** What the plugins `stats_over_http` and `system_stats` answer, in JSON or CSV (reference 4.4). */
export const statsOverHttp = payloadFormat('stats_over_http', readStatsOverHttp);

function readStatsOverHttp(payload: Payload): Sample {
  const { cache, body, contentType } = payload;
  const kind = bodyKind(contentType, 'statsOverHTTP');
  const global = kind === 'json' ? readStatsOverHttpJson(payload) : readStatsOverHttpCsv(body.toString());
  const loadAverages = explaining(
    () => `Error parsing loadavg for cache '${cache}': `,
    () => readLoadAverages(global),
  );
  const interfaces = readInterfaces(global);
  if (interfaces.size === 0) throw new Unreadable(`cache '${cache}' had no interfaces`);
  const { stats } = global;
  return { loadAverages, interfaces, notAvailable: false, timestampMs: timestampOf(stats), stats };
}
