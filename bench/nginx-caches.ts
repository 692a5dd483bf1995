import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildWorld } from '../sim/world.ts';

const system = {
  'inf.name': 'bond0',
  'inf.speed': 20_000,
  'proc.net.dev':
    'bond0:8495786321839 31960528603 0 0 0 0 0 2349716 143283576747316 101104535041 0 0 0 0 0 0',
  'proc.loadavg': '0.22 0.18 0.20 2/500 12345',
  configReloadRequests: 1,
  lastReloadRequest: 1_408_789_610,
  configReloads: 1,
  lastReload: 1_703_274_272,
  astatsLoad: 1_703_274_272,
  notAvailable: false,
};

/** So many statistics a stat poll brings. */
export const STATS = 2000;

function allStats(): Record<string, number> {
  const { deliveryServices, domain } = buildWorld({ cachePort: 0 });
  const stats: Record<string, number> = {};
  for (const { xmlId } of deliveryServices) {
    for (const name of ['in_bytes', 'out_bytes', 'status_2xx', 'status_3xx', 'status_4xx', 'status_5xx'])
      stats[`plugin.remap_stats.edge.${xmlId}.${domain}.${name}`] = 900_000_000;
  }
  for (let index = Object.keys(stats).length; index < STATS; index++)
    stats[`proxy.process.http.sample_${index}.metric_total`] = (index * 7919) % 1_000_003;
  return stats;
}

const configuration = (folder: string, port: number, statusPort: number): string => `
daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/error.log; worker_rlimit_nofile 100000;
events { worker_connections 60000; }
http {
  access_log off; keepalive_requests 100000000; keepalive_timeout 600s; default_type text/json; types {}
  open_file_cache max=16 inactive=600s;
  client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f;
  uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  server { listen 0.0.0.0:${port} backlog=65535; root ${folder}; 
    location = /_astats { if ($arg_application = "system") { rewrite ^ /health.json last; } rewrite ^ /stats.json last; }
    location / {} }
  server { listen 127.0.0.1:${statusPort}; location / { stub_status; } }
}`;

/** Thousands of caches for the price of one nginx: it answers on every loopback address. */
export class NginxCaches {
  readonly port: number;
  readonly #statusPort: number;
  readonly #folder: string;
  readonly #nginx: ChildProcess;

  private constructor(port: number, folder: string, nginx: ChildProcess) {
    this.port = port;
    this.#statusPort = port + 1;
    this.#folder = folder;
    this.#nginx = nginx;
  }

  /** Needs Debian's `nginx-light`. Uses `port` and the one after it. */
  static async start(port: number): Promise<NginxCaches> {
    const folder = await mkdtemp(join(tmpdir(), 'bench-caches-'));
    await writeFile(join(folder, 'health.json'), JSON.stringify({ ats: {}, system }));
    await writeFile(join(folder, 'stats.json'), JSON.stringify({ ats: allStats(), system }));
    await writeFile(join(folder, 'nginx.conf'), configuration(folder, port, port + 1));
    const args = ['-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')];
    const nginx = spawn('nginx', args, { stdio: ['ignore', 'ignore', 'inherit'] });
    const caches = new NginxCaches(port, folder, nginx);
    await caches.#untilItAnswers();
    return caches;
  }

  /** Requests answered so far. */
  async answered(): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${this.#statusPort}/`)).text();
    return Number(/\n\s*\d+ \d+ (\d+)/.exec(text)?.[1] ?? Number.NaN);
  }

  async stop(): Promise<void> {
    if (this.#nginx.exitCode === null) {
      // Its ports are free only once it is gone.
      const gone = once(this.#nginx, 'exit');
      this.#nginx.kill('SIGKILL');
      await gone;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #untilItAnswers(): Promise<void> {
    for (let attempt = 0; attempt < 50; attempt++) {
      if (this.#nginx.exitCode !== null) break;
      try {
        await this.answered();
        return;
      } catch {
        await sleep(100);
      }
    }
    await this.stop();
    throw new Error("nginx did not start: install Debian's nginx-light, and free its ports");
  }
}
