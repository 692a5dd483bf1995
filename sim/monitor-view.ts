/** One line of the monitor's event log, with what the demo uses. */
export interface MonitorEvent {
  readonly index: number;
  readonly name: string;
  readonly type: string;
  readonly description: string;
  readonly isAvailable: boolean;
}

export interface CacheCounts {
  readonly caches: number;
  readonly available: number;
}

/** What a Traffic Monitor says over HTTP. Every question fails after two seconds. */
export class MonitorView {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Whether it knows all of its caches: until then its routes answer 503. */
  async isReady(): Promise<boolean> {
    try {
      const response = await this.#get('/publish/CrStates');
      await response.arrayBuffer();
      return response.status === 200;
    } catch {
      return false;
    }
  }

  /** Events after the one with this index, oldest first; none if it cannot be asked. */
  async eventsAfter(index: number): Promise<MonitorEvent[]> {
    const log = await this.#json('/publish/EventLog');
    if (typeof log !== 'object' || log === null || !('events' in log) || !Array.isArray(log.events))
      return [];
    const events: unknown[] = log.events;
    return events
      .filter(isEvent)
      .filter((event) => event.index > index)
      .sort((one, other) => one.index - other.index);
  }

  /** null if it cannot be asked. */
  async counts(): Promise<CacheCounts | null> {
    const [caches, available] = await Promise.all([
      this.#json('/api/cache-count'),
      this.#json('/api/cache-available-count'),
    ]);
    return typeof caches === 'number' && typeof available === 'number' ? { caches, available } : null;
  }

  async #json(path: string): Promise<unknown> {
    try {
      const response = await this.#get(path);
      const text = await response.text();
      return response.status === 200 ? JSON.parse(text) : null;
    } catch {
      return null;
    }
  }

  #get(path: string): Promise<Response> {
    return fetch(`${this.#url}${path}`, { signal: AbortSignal.timeout(2000), redirect: 'manual' });
  }
}

function isEvent(value: unknown): value is MonitorEvent {
  return (
    typeof value === 'object' &&
    value !== null &&
    'index' in value &&
    typeof value.index === 'number' &&
    'name' in value &&
    typeof value.name === 'string' &&
    'type' in value &&
    typeof value.type === 'string' &&
    'description' in value &&
    typeof value.description === 'string' &&
    'isAvailable' in value &&
    typeof value.isAvailable === 'boolean'
  );
}
