// The least that any Node monitor must spend: fetch each cache on time over one kept connection, parse its JSON, keep
// the last answer. It decides nothing; the monitor is measured against it.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Client } from 'undici';

interface Ops {
  readonly url: string;
  readonly cdnName: string;
  readonly httpListener: string;
  readonly username: string;
  readonly password: string;
}

interface Monitoring {
  readonly config: Readonly<Record<string, number>>;
  readonly trafficServers: readonly {
    readonly hostname: string;
    readonly port: number;
    readonly interfaces: readonly { readonly ipAddresses: readonly { readonly address: string }[] }[];
  }[];
}

const ops = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Ops;
const credentials = JSON.stringify({ u: ops.username, p: ops.password });
const login = await fetch(`${ops.url}/api/5.0/user/login`, { method: 'POST', body: credentials });
const cookie = login.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
const answer = await fetch(`${ops.url}/api/5.0/cdns/${ops.cdnName}/configs/monitoring`, {
  headers: { cookie },
});
const monitoring = ((await answer.json()) as { response: Monitoring }).response;

const interval = (monitoring.config['heartbeat.polling.interval'] ?? 1000) * 0.97;
const caches = monitoring.trafficServers;
const states = new Map<string, boolean>();
caches.forEach(({ hostname, port, interfaces }, index) => {
  const address = interfaces[0]?.ipAddresses[0]?.address.split('/')[0] ?? '';
  const client = new Client(`http://${address}:${port}`, { pipelining: 1, keepAliveTimeout: 60_000 });
  const poll = async (): Promise<void> => {
    try {
      const { body } = await client.request({
        path: '/_astats?application=system&inf.name=bond0',
        method: 'GET',
      });
      const sample = (await body.json()) as { system: Record<string, number> };
      states.set(hostname, (sample.system['inf.speed'] ?? 0) > 0);
    } catch {
      states.set(hostname, false);
    }
  };
  setTimeout(
    () => {
      void poll();
      setInterval(poll, interval);
    },
    (index / caches.length) * interval,
  );
});

const [host, port] = ops.httpListener.split(':');
createServer((_request, response) => {
  response.statusCode = states.size >= caches.length ? 200 : 503;
  response.end(JSON.stringify(Object.fromEntries(states)));
}).listen(Number(port), host);
