import fs from 'node:fs';

/**
 * The processes of a pod that run a program of ours, as this machine numbers them: the kubelet names the control
 * groups of a pod by its uid.
 */
export function podProcesses(uid: string): readonly number[] {
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => read(pid, 'cgroup').includes(`pod${uid}`) && read(pid, 'cmdline').includes('main.ts'));
}

/** Empty when the process has ended. */
function read(pid: number, what: string): string {
  try {
    return fs.readFileSync(`/proc/${pid}/${what}`, 'utf8');
  } catch {
    return '';
  }
}
