import type { Clock } from '../../common/clock.ts';
import { messageOf } from '../../common/message-of.ts';

export interface RouterCheckOptions {
  /** CrStates at the Service that routers use. */
  readonly url: string;
  readonly deadlineMs: number;
  readonly clock: Clock;
}

const LOOK_EVERY_MS = 1000;
const ASK_MS = 5000;

/**
 * Asks for CrStates as a router does, until it gets an answer with caches in it. Returns what it says, in one line.
 *
 * @throws {Error} with the last reason if there is none by the deadline
 */
export async function checkRouterService({ url, deadlineMs, clock }: RouterCheckOptions): Promise<string> {
  const endMs = clock.now() + deadlineMs;
  for (;;) {
    try {
      return summaryOf(await ask(url));
    } catch (error) {
      if (clock.now() >= endMs) {
        throw new Error(
          `${url}: ${messageOf(error)}. Look at the groups (kubectl get tmg) and at the log of a monitor`,
        );
      }
    }
    await clock.sleep(LOOK_EVERY_MS, new AbortController().signal);
  }
}

async function ask(url: string): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(ASK_MS), headers: { connection: 'close' } });
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    throw new Error(`no answer: ${messageOf(cause ?? error)}`);
  }
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status}: ${text.trim().slice(0, 200)}`);
  return JSON.parse(text);
}

function summaryOf(states: unknown): string {
  const { caches = {}, deliveryServices = {} } = (states ?? {}) as Partial<CrStates>;
  const all = Object.values(caches);
  if (all.length === 0) throw new Error('the answer tells of no cache');
  const available = all.filter(({ isAvailable }) => isAvailable).length;
  return `${available} of ${all.length} caches are available, ${Object.keys(deliveryServices).length} delivery services`;
}

interface CrStates {
  readonly caches: Readonly<Record<string, { readonly isAvailable: boolean }>>;
  readonly deliveryServices: Readonly<Record<string, unknown>>;
}
