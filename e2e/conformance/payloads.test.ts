import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderBody } from './payloads.ts';

const counters = (name: string): number | undefined => ({ rx: 5, tx: 7, d: 9 })[name];
const render = (body: Parameters<typeof renderBody>[0], slim = false): string =>
  renderBody(body, '.', slim, counters);

test('counters are filled as text and as numbers', () => {
  assert.equal(render('a {{rx}} {{unknown}}'), 'a 5 {{unknown}}');
  assert.equal(render({ text: '{"x":"{{#tx}}","y":"{{tx}}"}' }), '{"x":7,"y":"7"}');
  assert.equal(render({ json: { x: '{{tx}}', y: 'is {{tx}}' } }), '{"x":7,"y":"is 7"}');
});

test('astats gives interface, load and, but for a health poll, traffic', () => {
  const body = { astats: { rx: '{{rx}}', tx: '{{tx}}', ats: { out: '{{d}}' }, omit: ['inf.speed'] } };
  const full = JSON.parse(render(body));
  assert.deepEqual(full.ats, { out: 9, server: '9.2.1' });
  assert.equal(full.system['proc.net.dev'], 'eth0:5 1201 0 0 0 0 0 7 7 1187 0 0 0 0 0 0');
  assert.ok(!('inf.speed' in full.system));
  assert.deepEqual(JSON.parse(render(body, true)).ats, { server: '9.2.1' });
});

test('stats_over_http gives numbers, or strings when asked', () => {
  const figures = { load: [1, 2, 3], interfaces: { lo: { rx_bytes: '{{rx}}' } }, stats: { d: '{{d}}' } };
  const { global } = JSON.parse(render({ soh: { ...figures, timestamp: true } }));
  assert.equal(global['plugin.system_stats.net.lo.rx_bytes'], 5);
  assert.equal(global.d, 9);
  assert.ok(Math.abs(global['plugin.system_stats.timestamp_ms'] - Date.now()) < 5000);
  const asText = JSON.parse(render({ soh: { ...figures, strings: true } })).global;
  assert.equal(asText['plugin.system_stats.net.lo.rx_bytes'], '5');
  assert.equal(asText['plugin.system_stats.loadavg.one'], '1');
});

test('CSV has a row for each figure and the extra lines', () => {
  const lines = render({ sohCsv: { stats: { d: '{{d}}' }, extraLines: ['odd'] } }).split('\n');
  assert.ok(lines.includes('d,9'));
  assert.deepEqual(lines.slice(-2), ['odd', '']);
  assert.match(
    render({ astatsCsv: { rx: '{{rx}}' } }, true),
    /^inf\.name,eth0\ninf\.speed,10000\nproc\.net\.dev,eth0:5 /,
  );
});

test('an unknown kind of body is refused', () => {
  assert.throws(() => render({ nonsense: {} } as never), /payload of unknown kind: nonsense/);
});
