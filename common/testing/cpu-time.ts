/**
 * What this thread has computed so far, in ms. For bounds on work that waits for nothing: with nobody else on the
 * machine it grows as the time does, and on a busy machine it leaves out what others had.
 */
export function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
