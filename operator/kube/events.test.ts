import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { FakeApiServer } from '../../common/kube/testing/fake-api-server.ts';
import { fakeApi, keptLog } from '../../common/kube/testing/harness.ts';
import { ManualClock } from '../../common/testing/manual-clock.ts';
import { until } from '../../monitor/testing/waiting.ts';
import { EventRecorder } from './events.ts';

const SUBJECT = {
  apiVersion: 'trafficcontrol.cdn/v1alpha1',
  kind: 'TrafficMonitorGroup',
  name: 'emea',
  namespace: 'cdn',
  uid: 'uid-1',
};
const FACTS = { type: 'Normal', reason: 'Assigned', action: 'Assign', note: '3 cachegroups' } as const;

async function recording(t: TestContext) {
  const { server, api } = await fakeApi(t);
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  const log = keptLog();
  const reporter = { controller: 'trafficcontrol.cdn/operator', instance: 'operator-0' };
  const recorder = new EventRecorder({ api, reporter, log, clock });
  t.after(() => recorder.stop());
  return { server, clock, log, recorder };
}

/** Method and body of each write. */
const writes = (server: FakeApiServer): [string, Record<string, unknown>][] =>
  server.requests.map(({ method, body }) => [method, JSON.parse(body) as Record<string, unknown>]);

describe('an event', () => {
  test('is written at once, about its object', async (t) => {
    const { server, recorder } = await recording(t);
    recorder.record(SUBJECT, FACTS);
    await until('it is written', () => server.requests.length === 1);
    assert.deepEqual(writes(server)[0], [
      'POST',
      {
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        metadata: { name: `emea.${Date.UTC(2026, 0, 1).toString(16)}0001`, namespace: 'cdn' },
        eventTime: '2026-01-01T00:00:00.000000Z',
        ...FACTS,
        regarding: SUBJECT,
        reportingController: 'trafficcontrol.cdn/operator',
        reportingInstance: 'operator-0',
      },
    ]);
  });

  test('that comes again and again is one event with a count, written once a minute', async (t) => {
    const { server, recorder, clock } = await recording(t);
    recorder.record(SUBJECT, FACTS);
    recorder.record(SUBJECT, { ...FACTS, note: '4 cachegroups' });
    await until('both are written', () => server.requests.length === 2);
    for (let time = 1; time < 5; time++) recorder.record(SUBJECT, FACTS);
    server.fault = ({ method }) => (method === 'PATCH' ? { kind: 'text', text: '{"metadata":{}}' } : null);
    await clock.advance(60_000);
    await until('the count is written', () => server.requests.length === 3);
    assert.deepEqual(writes(server)[2], [
      'PATCH',
      { series: { count: 5, lastObservedTime: '2026-01-01T00:00:00.000000Z' } },
    ]);
    await clock.advance(60_000);
    assert.equal(server.requests.length, 3, 'nothing new');
  });

  test('is a new one after ten quiet minutes', async (t) => {
    const { server, recorder, clock } = await recording(t);
    recorder.record(SUBJECT, FACTS);
    await until('it is written', () => server.requests.length === 1);
    await clock.advance(600_000);
    recorder.record(SUBJECT, FACTS);
    await until('it is written', () => server.requests.length === 2);
    assert.deepEqual(
      writes(server).map(([method]) => method),
      ['POST', 'POST'],
    );
  });

  test('that the server has forgotten is written anew with its count', async (t) => {
    const { server, recorder, clock } = await recording(t);
    recorder.record(SUBJECT, FACTS);
    await until('it is written', () => server.requests.length === 1);
    recorder.record(SUBJECT, FACTS);
    server.fault = ({ method }) =>
      method === 'PATCH' ? { kind: 'status', code: 404, reason: 'NotFound' } : null;
    server.objects.remove('/apis/events.k8s.io/v1/namespaces/cdn/events', String(nameOf(server)));
    await clock.advance(60_000);
    await until('it is written anew', () => server.requests.length === 3);
    const [method, body] = writes(server)[2] ?? [];
    assert.deepEqual([method, (body?.['series'] as { count: number } | undefined)?.count], ['POST', 2]);
  });

  test('that cannot be written is told once, tried again, and holds nothing up', async (t) => {
    const { server, recorder, clock, log } = await recording(t);
    server.fault = () => ({ kind: 'status', code: 403, reason: 'Forbidden' });
    recorder.record(SUBJECT, FACTS);
    recorder.record(SUBJECT, { ...FACTS, reason: 'Other' });
    await until('both were tried', () => server.requests.length === 2);
    server.fault = () => null;
    await clock.advance(60_000);
    await until('both are written', () => server.requests.length === 4);
    assert.equal(log.lines.length, 1);
    assert.match(log.lines[0] ?? '', /warning: event Assigned not written: POST .* 403 Forbidden/);
  });

  test('with a long note is cut, not refused', async (t) => {
    const { server, recorder } = await recording(t);
    recorder.record(SUBJECT, { ...FACTS, note: 'ä'.repeat(1000) });
    await until('it is written', () => server.requests.length === 1);
    const note = String(writes(server)[0]?.[1]['note']);
    assert.ok(Buffer.byteLength(note) <= 1024 && /^ä{500,}…$/.test(note), note);
  });

  test('is written before the recorder stops, repeats too', async (t) => {
    const { server, recorder } = await recording(t);
    recorder.record(SUBJECT, FACTS);
    await until('it is written', () => server.requests.length === 1);
    recorder.record(SUBJECT, FACTS);
    await recorder.stop();
    assert.deepEqual(
      writes(server).map(([method]) => method),
      ['POST', 'PATCH'],
    );
  });
});

const nameOf = (server: FakeApiServer): unknown =>
  (writes(server)[0]?.[1]['metadata'] as { name: string } | undefined)?.name;
