import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { runProgram } from './run-program.ts';

interface DebianPackage {
  readonly name: string;
  readonly neededBy: string;
}

/** Programs of Debian's that tests run against. */
export const debianPackages: readonly DebianPackage[] = [
  { name: 'openssl', neededBy: 'certificates of the HTTPS tests' },
  { name: 'trafficserver', neededBy: 'e2e/trafficserver: a real cache' },
  { name: 'trafficserver-experimental-plugins', neededBy: 'e2e/trafficserver: system_stats and remap_stats' },
  { name: 'chromium', neededBy: 'e2e/ui: the page in a browser' },
  { name: 'fonts-inter', neededBy: 'e2e/ui: screenshots that look like those in docs/' },
  { name: 'fonts-dejavu-core', neededBy: 'e2e/ui: text of a fixed width, and signs' },
  { name: 'prometheus', neededBy: 'e2e/rules: promtool, which tests the alert rules; e2e/dashboards' },
  { name: 'containerd', neededBy: 'e2e/cluster: runs the containers of nodes' },
  { name: 'runc', neededBy: 'e2e/cluster: runs the containers of nodes' },
  { name: 'containernetworking-plugins', neededBy: 'e2e/cluster: network of pods' },
  { name: 'iptables', neededBy: 'e2e/cluster: Services' },
  { name: 'conntrack', neededBy: 'e2e/cluster: Services' },
  { name: 'iproute2', neededBy: 'e2e/cluster: networks of nodes' },
  { name: 'buildah', neededBy: 'e2e/cluster: builds the images' },
  { name: 'gcc', neededBy: 'e2e/cluster: compiles the image that holds pods' },
  { name: 'libc6-dev', neededBy: 'e2e/cluster: compiles the image that holds pods' },
  { name: 'pngquant', neededBy: 'npm run screenshots, npm run dashboards: small pictures' },
  { name: 'nginx-light', neededBy: 'bench: caches that cost little' },
  { name: 'wrk', neededBy: 'bench: a crowd of routers' },
];

/** What was found and done: `failed` packages could not be installed, `missing` ones were left alone. */
export interface PackagesOutcome {
  readonly failed: readonly string[];
  readonly missing: readonly string[];
}

/** Installs what the tests need where this may be done; else says loudly what will be skipped. */
export async function ensureDebianPackages(): Promise<PackagesOutcome> {
  const missing = debianPackages.filter(({ name }) => !isInstalled(name));
  if (missing.length === 0) {
    console.log(`all ${debianPackages.length} packages are installed`);
    return { failed: [], missing: [] };
  }
  const names = missing.map(({ name }) => name);
  const line = `apt-get install --no-install-recommends ${names.join(' ')}`;
  if (!mayInstall()) {
    console.log(`NOT INSTALLED, so what needs them is SKIPPED:\n${describePackages(missing)}`);
    console.log(`On Debian, as root: apt-get update && ${line}`);
    return { failed: [], missing: names };
  }
  console.log(`installing:\n${describePackages(missing)}`);
  await install(names);
  const failed = names.filter((name) => !isInstalled(name));
  if (failed.length > 0)
    console.log(`COULD NOT INSTALL ${failed.join(', ')}. By hand: apt-get update && ${line}`);
  return { failed, missing: failed };
}

/** One line a package: its name and what needs it. */
export function describePackages(packages: readonly DebianPackage[]): string {
  return packages.map(({ name, neededBy }) => `  ${name.padEnd(36)} ${neededBy}`).join('\n');
}

function mayInstall(): boolean {
  return process.getuid?.() === 0 && fs.existsSync('/etc/debian_version');
}

function isInstalled(name: string): boolean {
  const query = spawnSync('dpkg-query', ['--show', '--showformat=${db:Status-Status}', name]);
  return query.status === 0 && query.stdout.toString() === 'installed';
}

async function install(names: readonly string[]): Promise<void> {
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = async (...args: string[]): Promise<boolean> => {
    console.log(`apt-get ${args.join(' ')}`);
    const quiet = ['-q', '-o', 'DPkg::Lock::Timeout=300'];
    return (await runProgram('apt-get', [...quiet, ...args], { environment })).succeeded;
  };
  // Lists may be older than what the archive still holds; so a failed update is only a hint.
  if (!(await apt('update'))) console.log('apt-get update failed; trying with the lists that are here');
  await withoutServiceStarts(() => apt('install', '-y', '--no-install-recommends', ...names));
}

const policyFile = '/usr/sbin/policy-rc.d';

/** Packages start their daemons when installed unless this file's exit status 101 says no. */
async function withoutServiceStarts(action: () => Promise<unknown>): Promise<void> {
  // A policy that is there already is the machine's own, and stays as it is.
  const ours = !fs.existsSync(policyFile);
  if (ours) fs.writeFileSync(policyFile, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await action();
  } finally {
    if (ours) fs.rmSync(policyFile);
  }
}
