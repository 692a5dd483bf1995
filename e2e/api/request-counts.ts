import type { ApiRequest } from './api-request.ts';

/** Requests of one verb and resource: `{ verb: 'patch', resource: 'configmaps', count: 3 }`. */
export interface RequestCount {
  readonly verb: string;
  readonly resource: string;
  readonly count: number;
}

/** Counts requests by verb and resource. */
export class RequestCounts {
  readonly #counts: ReadonlyMap<string, number>;

  constructor(counts: ReadonlyMap<string, number> = new Map()) {
    this.#counts = counts;
  }

  with({ verb, resource }: ApiRequest): RequestCounts {
    const key = `${verb} ${resource}`;
    return new RequestCounts(new Map(this.#counts).set(key, (this.#counts.get(key) ?? 0) + 1));
  }

  /** What came since `earlier` was taken. */
  since(earlier: RequestCounts): RequestCounts {
    const differences = [...this.#counts].map(
      ([key, count]) => [key, count - (earlier.#counts.get(key) ?? 0)] as const,
    );
    return new RequestCounts(new Map(differences.filter(([, count]) => count > 0)));
  }

  /** The most frequent first. */
  get all(): readonly RequestCount[] {
    return [...this.#counts]
      .map(([key, count]) => {
        const [verb = '', resource = ''] = key.split(' ');
        return { verb, resource, count };
      })
      .sort((a, b) => b.count - a.count);
  }

  /** All together, or those of some verbs. */
  total(...verbs: readonly string[]): number {
    return this.all
      .filter(({ verb }) => verbs.length === 0 || verbs.includes(verb))
      .reduce((sum, { count }) => sum + count, 0);
  }

  /** What changes something. */
  get writes(): number {
    return this.total('create', 'update', 'patch', 'delete', 'deletecollection');
  }

  /** A table for people, with rates when it is said how long it took. */
  describe(overMs: number | null = null): string {
    const rate = (count: number): string =>
      overMs === null ? '' : ` ${((count * 60_000) / overMs).toFixed(1).padStart(9)} a minute`;
    const line = (label: string, count: number): string =>
      `  ${label.padEnd(60)} ${String(count).padStart(6)}${rate(count)}`;
    const lines = this.all.map(({ verb, resource, count }) => line(`${verb} ${resource}`, count));
    return [...lines, line('all', this.total())].join('\n');
  }
}
