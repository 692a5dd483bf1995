import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ServerStatus } from '../../common/traffic-ops/monitoring.ts';
import type { PollingProtocol } from '../config/settings.ts';
import type { HealthConfig } from './cache-states.ts';
import { configOf, failedPoll, goodPoll, sampleOf, serviceIds, subject } from './testing/builders.ts';
import { WatchedStates } from './testing/watched-states.ts';

/** What a monitor may live through, and what must hold after each step of it. */

const names = ['a', 'b', 'c', 'd'] as const;
const services = serviceIds('x', 'y', 'z');
const statuses: readonly ServerStatus[] = [
  'REPORTED',
  'REPORTED',
  'ADMIN_DOWN',
  'ONLINE',
  'OFFLINE',
  'invalid',
];

const cache = fc.record({
  status: fc.constantFrom(...statuses),
  hasIpv4: fc.boolean(),
  hasIpv6: fc.boolean(),
  deliveryServices: fc.subarray(services),
});
const config: fc.Arbitrary<HealthConfig> = fc
  .record({
    present: fc.subarray([...names]),
    caches: fc.tuple(cache, cache, cache, cache),
    deliveryServices: fc.subarray(services),
    protocol: fc.constantFrom<PollingProtocol>('both', 'both', 'ipv4only', 'ipv6only'),
    unpollable: fc.subarray([...names], { maxLength: 2 }),
  })
  .map(({ present, caches, deliveryServices, protocol, unpollable }) => {
    const subjects = names
      .map((name, at) => subject({ name, ...caches[at] }))
      .filter(({ name }) => (present as string[]).includes(name));
    const polled = subjects.filter(({ status }) => status === 'REPORTED' || status === 'ADMIN_DOWN');
    const cannot = polled.filter(({ name }) => (unpollable as string[]).includes(name));
    return configOf(subjects, {
      deliveryServices,
      protocol,
      unpollable: Object.fromEntries(cannot.map(({ name }) => [name, 'cannot be polled'])),
    });
  });

type Step =
  | { readonly apply: HealthConfig }
  | { readonly poll: ReturnType<typeof goodPoll>; readonly isBad: boolean };
const poll: fc.Arbitrary<Step> = fc
  .record({
    cache: fc.constantFrom(...names),
    family: fc.constantFrom('ipv4' as const, 'ipv6' as const),
    kind: fc.constantFrom('good', 'good', 'failed', 'unwilling'),
  })
  .map(({ kind, ...of }) => {
    if (kind === 'failed') return { poll: failedPoll(of), isBad: true };
    const notAvailable = kind === 'unwilling';
    return { poll: goodPoll(of, sampleOf({ notAvailable })), isBad: notAvailable };
  });
const steps = fc.array(
  fc.oneof(
    { arbitrary: poll, weight: 5 },
    { arbitrary: config.map((apply): Step => ({ apply })), weight: 1 },
  ),
  { maxLength: 40 },
);

/** Which caches have been polled enough: counted from what happened, apart from the states. */
class PolledCount {
  #good = new Map<string, number>();
  #config: HealthConfig | null = null;

  apply(config: HealthConfig): void {
    this.#config = config;
    const before = this.#good;
    this.#good = new Map();
    for (const { name, status } of config.subjects) {
      if (status === 'OFFLINE' || status === 'invalid') continue;
      const isSettled = status === 'ONLINE' || config.unpollable.has(name);
      this.#good.set(name, isSettled ? 2 : (before.get(name) ?? 0));
    }
  }

  poll(name: string, isBad: boolean): void {
    const good = this.#good.get(name);
    if (good !== undefined) this.#good.set(name, isBad ? 2 : good + 1);
  }

  get isComplete(): boolean {
    return this.#config !== null && [...this.#good.values()].every((good) => good >= 2);
  }

  get names(): string[] {
    return [...this.#good.keys()];
  }
}

function checkCounts(states: WatchedStates, count: PolledCount): void {
  assert.equal(states.isComplete, count.isComplete);
  assert.equal(states.isConfigured && states.unpolled(9).length === 0, count.isComplete);
  assert.deepEqual(
    states.sorted.map((state) => state.subject.name),
    count.names,
  );
  const up = states.sorted.filter(({ verdict }) => verdict?.isAvailable ?? false);
  for (const id of states.deliveryServices.sorted) {
    const recounted = up.some((state) => state.subject.deliveryServices.includes(id));
    assert.equal(states.deliveryServices.isAvailable(id), recounted, id);
  }
}

function checkStatuses(states: WatchedStates, unpollable: HealthConfig['unpollable']): void {
  for (const { subject: of, verdict, polled } of states.sorted) {
    const isUp = verdict?.isAvailable ?? false;
    if (of.status === 'ONLINE') assert.ok(isUp, 'ONLINE is up');
    else if (of.status === 'ADMIN_DOWN' || unpollable.has(of.name)) assert.ok(!isUp, `${of.name} is down`);
    if (unpollable.has(of.name)) assert.ok(polled);
  }
}

/** Each change of a delivery service that stays is told once: what was told last is what is. */
function checkToldServices(states: WatchedStates, told: Map<string, boolean>): void {
  for (const event of states.events) {
    if (event.type !== 'DELIVERYSERVICE') continue;
    assert.notEqual(told.get(event.name) ?? false, event.isAvailable, 'only changes are told');
    told.set(event.name, event.isAvailable);
  }
  for (const id of states.deliveryServices.sorted) {
    assert.equal(told.get(id) ?? false, states.deliveryServices.isAvailable(id), `what was told of ${id}`);
  }
  for (const id of told.keys()) {
    if (!(states.deliveryServices.sorted as readonly string[]).includes(id)) told.delete(id);
  }
}

const isUp = (states: WatchedStates, name: string): boolean =>
  states.sorted.find((state) => state.subject.name === name)?.verdict?.isAvailable ?? false;

test('after any configs and polls the counts are those of a recount, and what was told is what is', () => {
  fc.assert(
    fc.property(steps, (history) => {
      const states = new WatchedStates();
      const count = new PolledCount();
      const told = new Map<string, boolean>();
      let unpollable: HealthConfig['unpollable'] = new Map();
      for (const step of history) {
        states.events.length = 0;
        if ('apply' in step) {
          states.apply(step.apply, 0);
          count.apply(step.apply);
          unpollable = step.apply.unpollable;
        } else {
          const name = step.poll.cache;
          const before = isUp(states, name);
          states.record(step.poll);
          count.poll(name, step.isBad);
          const flips = states.events.filter(({ type }) => type === 'EDGE').map((event) => event.isAvailable);
          assert.deepEqual(flips, isUp(states, name) === before ? [] : [!before]);
        }
        checkCounts(states, count);
        checkStatuses(states, unpollable);
        checkToldServices(states, told);
      }
    }),
    { numRuns: 400 },
  );
});
