// @ts-nocheck
// The page reads the same routes as everybody else; a route that fails leaves what was shown, and says so.
import { bitRate } from './page/format.js';

/** @param {string} id @returns {any} */
const element = (id) => document.getElementById(id);
const failing = new Set();

async function read(route, kind) {
  const response = await fetch(route);
  if (response.status !== 200) throw new Error(`${response.status}`);
  return kind === 'json' ? response.json() : response.text();
}

function every(ms, route, kind, show) {
  const turn = async () => {
    try {
      show(await read(route, kind));
      failing.delete(route);
    } catch {
      failing.add(route);
    }
    element('offline').hidden = failing.size === 0;
    element('offline').textContent = `No answer from ${[...failing].join(', ')}: what is shown may be old.`;
    setTimeout(turn, ms);
  };
  turn();
}

const showText =
  (id, convert = String) =>
  (value) => {
    element(id).textContent = convert(value);
  };
const rate = (kbps) => bitRate(Number(kbps));

function row(cells, className) {
  const tr = document.createElement('tr');
  tr.className = className;
  for (const [text, cellClass] of cells) {
    const td = tr.insertCell();
    td.textContent = text;
    td.className = cellClass ?? '';
  }
  return tr;
}

// Nothing here tells a family that is down from one that the cache does not have.
const flag = (value) => [value ? 'up' : '–', value ? 'yes' : ''];

let statuses = {};
function showCaches() {
  const wanted = element('filter').value.toLowerCase();
  const rows = Object.entries(statuses)
    .filter(([name, cache]) => `${name} ${cache.status}`.toLowerCase().includes(wanted))
    .sort(([a, x], [b, y]) => Number(x.combined_available) - Number(y.combined_available) || (a < b ? -1 : 1))
    .map(([name, cache]) =>
      row(
        [
          [name, 'name'],
          [cache.type],
          [cache.status, 'status'],
          [cache.load_average.toFixed(2), 'number'],
          [(cache.bandwidth_kbps / 1000).toFixed(1), 'number'],
          flag(cache.ipv4_available),
          flag(cache.ipv6_available),
          [`${cache.health_time_ms} ms`, 'number'],
        ],
        cache.combined_available ? '' : 'down',
      ),
    );
  element('caches').replaceChildren(...rows);
}

function showEvents({ events }) {
  const rows = events.map((event) =>
    row(
      [
        [new Date(event.time * 1000).toISOString().replace('T', ' ').slice(0, 19)],
        [event.name],
        [event.type],
        [event.description, 'status'],
      ],
      event.isAvailable ? '' : 'down',
    ),
  );
  element('events').replaceChildren(...rows);
}

element('filter').addEventListener('input', showCaches);
every(4755, '/api/cache-count', 'text', showText('cache-count'));
every(4800, '/api/cache-available-count', 'text', showText('cache-available-count'));
every(4832, '/api/cache-down-count', 'text', showText('cache-down-count'));
every(4621, '/api/bandwidth-kbps', 'text', showText('bandwidth-kbps', rate));
every(4591, '/api/bandwidth-capacity-kbps', 'text', showText('bandwidth-capacity-kbps', rate));
every(10007, '/api/version', 'text', showText('version'));
every(10019, '/api/traffic-ops-uri', 'text', showText('traffic-ops'));
every(10500, '/publish/ConfigDoc', 'json', (doc) => {
  element('cdn').textContent = doc.cdnName;
  element('backup').hidden = !doc.usingDummyTO;
});
every(2004, '/publish/EventLog', 'json', showEvents);
every(5009, '/api/cache-statuses', 'json', (doc) => {
  statuses = doc;
  showCaches();
});
