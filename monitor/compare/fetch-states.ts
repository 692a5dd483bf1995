import { Agent, request } from 'undici';
import { readCrStates } from './compared-states.ts';
import type { Answer } from './comparison-run.ts';

/** A monitor that takes longer does not answer, in ms. */
const TIMEOUT_MS = 5000;
/** CrStates of 100,000 caches takes a quarter of this. */
const MAX_BYTES = 128 * 2 ** 20;

export interface StatesFetcher {
  fetch(url: string): Promise<Answer>;
  close(): Promise<void>;
}

/** Asks monitors for their CrStates; a failure is an answer too. */
export function statesFetcher(verifyCertificates: boolean): StatesFetcher {
  const agent = new Agent({
    maxResponseSize: MAX_BYTES,
    connect: { rejectUnauthorized: verifyCertificates },
  });
  return {
    async fetch(url) {
      try {
        const signal = AbortSignal.timeout(TIMEOUT_MS);
        const { statusCode, body } = await request(url, { dispatcher: agent, signal });
        const text = await body.text();
        if (statusCode !== 200)
          return { kind: 'failure', reason: `status ${statusCode}: ${firstLine(text)}` };
        return { kind: 'states', states: readCrStates(text) };
      } catch (error) {
        return { kind: 'failure', reason: reasonOf(error) };
      }
    },
    close: () => agent.destroy(),
  };
}

const firstLine = (text: string): string => text.split('\n', 1)[0]?.slice(0, 200) ?? '';

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no whole answer within ${TIMEOUT_MS} ms`;
  // Several addresses were tried: the message is then empty, the code is not.
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return error.message === '' ? code : error.message;
}
