import { astatsCsv, astatsJson } from './astats.ts';
import type { PayloadFormatName, PayloadWriter } from './payload.ts';
import { statsOverHttpCsv, statsOverHttpJson } from './stats-over-http.ts';
import { vstats } from './vstats.ts';

/** The writer of a format; Varnish has no CSV. */
export function payloadWriter(format: PayloadFormatName, csv: boolean): PayloadWriter {
  switch (format) {
    case 'astats':
      return csv ? astatsCsv : astatsJson;
    case 'stats_over_http':
      return csv ? statsOverHttpCsv : statsOverHttpJson;
    case 'vstats':
      return vstats;
  }
}
