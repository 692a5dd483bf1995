import { programSets } from '../tools/programs.ts';
import { whyMissing } from '../tools/tools.ts';
import { hasProgram } from './host-command.ts';

/** Program → the Debian package that has it. */
const programs: Readonly<Record<string, string>> = {
  containerd: 'containerd',
  ctr: 'containerd',
  runc: 'runc',
  iptables: 'iptables',
  conntrack: 'conntrack',
  ip: 'iproute2',
  buildah: 'buildah',
  openssl: 'openssl',
  cc: 'gcc and libc6-dev',
  '/usr/lib/cni/ptp': 'containernetworking-plugins',
};

/** Why no cluster can be brought up on this machine; null when one can. */
export function whyNoCluster(): string | null {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid?.() !== 0) return 'needs root: it makes network namespaces and control groups';
  const absent = Object.keys(programs).filter((name) => !hasProgram(name));
  if (absent.length > 0) {
    const packages = new Set(absent.map((name) => programs[name]));
    return `not here: ${absent.join(', ')}; on Debian: apt-get install ${[...packages].join(' ')}`;
  }
  return whyMissing(programSets.cluster);
}
