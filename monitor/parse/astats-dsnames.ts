import { readAstats } from './astats.ts';
import { payloadFormat } from './payload-format.ts';

/**
 * The same payload as `astats`. Only the names of the delivery-service statistics mean something else,
 * `plugin.remap_stats.<xmlid>.<stat>`, and that matters to who sums them, not to who reads them (D2).
 */
export const astatsDsnames = payloadFormat('astats-dsnames', readAstats);
