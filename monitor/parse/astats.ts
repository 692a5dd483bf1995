import { readAstatsCsv } from './astats-csv.ts';
import { readAstatsJson } from './astats-json.ts';
import { bodyKind } from './content-type.ts';
import { payloadFormat } from './payload-format.ts';
import type { Payload, Sample } from './sample.ts';

/** What the `astats_over_http` plugin answers, in JSON or CSV as the Content-Type says (reference 4.1 to 4.3). */
export function readAstats(payload: Payload): Sample {
  return bodyKind(payload.contentType, 'astats') === 'json'
    ? readAstatsJson(payload)
    : readAstatsCsv(payload);
}

/** The default format. */
export const astats = payloadFormat('astats', readAstats);
