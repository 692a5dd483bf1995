import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, dirname } from 'node:path';

/**
 * The least that the demo takes for a Traffic Monitor, for the demo's own tests: it is always ready and sees nothing.
 * With STAND_IN_DYING in its environment it ends soon, as a monitor that crashes, if its config lies in a folder of
 * that name ('any': wherever it lies).
 */
const opsCfg = process.argv[process.argv.indexOf('--opsCfg') + 1] ?? '';
const settings: unknown = JSON.parse(readFileSync(opsCfg, 'utf8'));
const listener =
  typeof settings === 'object' && settings !== null && 'httpListener' in settings
    ? String(settings.httpListener)
    : '';
const [host, port] = listener.split(':');

const answers = new Map([
  ['/publish/CrStates', '{"caches":{},"deliveryServices":{}}'],
  ['/publish/EventLog', '{"events":[]}'],
  ['/api/cache-count', '66'],
  ['/api/cache-available-count', '66'],
]);

createServer((request, response) => {
  const body = answers.get(request.url ?? '');
  response.writeHead(body === undefined ? 404 : 200, { 'Content-Type': 'application/json' });
  response.end(body);
}).listen(Number(port), host);

const dying = process.env['STAND_IN_DYING'];
if (dying === 'any' || dying === basename(dirname(opsCfg))) {
  console.log('Error starting service: this monitor was told to die');
  setTimeout(() => process.exit(3), 300);
}
