import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { Actor, type ActorSpec } from './actor.ts';
import { releasePort, takePort } from './ports.ts';

let close: (() => Promise<void>) | null = null;
afterEach(async () => {
  await close?.();
  close = null;
});

async function open(spec: ActorSpec): Promise<{ actor: Actor; url: string }> {
  const port = await takePort();
  const actor = new Actor('edge-1', spec, '.', port);
  await actor.open();
  close = async () => {
    await actor.close();
    releasePort(port);
  };
  return { actor, url: `http://127.0.0.1:${port}/` };
}

const ask = async (url: string): Promise<string> => (await fetch(url)).text();

test('answers as its phase says, with counters that it remembers', async () => {
  const { actor, url } = await open({
    counters: { tx: { start: 5 } },
    phases: { ok: { body: 'sent {{tx}}' }, bad: { status: 503, set: { tx: 9 }, body: 'sent {{tx}}' } },
  });
  assert.equal(await ask(url), 'sent 5');
  await actor.setPhase('bad');
  const response = await fetch(url);
  assert.deepEqual([response.status, await response.text()], [503, 'sent 9']);
  assert.deepEqual(actor.counters.get('tx')?.served, [5, 9]);
  await assert.rejects(actor.setPhase('worse'), /edge-1 has no phase worse/);
});

test('the first special case that matches is laid over the phase', async () => {
  const when = [{ urlIncludes: 'system', body: 'slim' }];
  const { actor, url } = await open({ phases: { ok: { body: 'full', when } } });
  assert.equal(await ask(`${url}?application=`), 'full');
  assert.equal(await ask(`${url}?application=system`), 'slim');
  assert.deepEqual([actor.polls('stat'), actor.polls('health'), actor.polls('any')], [1, 1, 2]);
});

test('refuses, and comes back on the same port', async () => {
  const { actor, url } = await open({ phases: { ok: { body: 'ok' }, off: { refuse: true } } });
  await actor.setPhase('off');
  await assert.rejects(ask(url));
  await actor.setPhase('ok');
  assert.equal(await ask(url), 'ok');
});

for (const fault of ['reset', 'close', 'truncate'] as const) {
  test(`fault ${fault} breaks the answer off`, async () => {
    const { actor, url } = await open({ phases: { bad: { body: 'a long body', fault } } });
    await assert.rejects(ask(url));
    assert.equal(actor.polls('any'), 1);
  });
}

for (const fault of ['hang', 'stall'] as const) {
  test(`fault ${fault} leaves the other side waiting`, async () => {
    const { url } = await open({ phases: { bad: { body: 'a long body', fault } } });
    const signal = AbortSignal.timeout(150);
    await assert.rejects(async () => (await fetch(url, { signal })).text(), { name: 'TimeoutError' });
  });
}
