const { KUBECONFIG = '' } = process.env;

/** The kubeconfig of a cluster that is there already; null: one is brought up on this machine. */
export const foundCluster: string | null = KUBECONFIG === '' ? null : KUBECONFIG;

/** Why this is skipped where the cluster is somebody else's, which it says aloud then; false: it is not. */
export function spared(what: string): string | false {
  if (foundCluster === null) return false;
  const reason = `not done to a cluster that KUBECONFIG names (${foundCluster})`;
  console.log(`SKIPPED: ${what}: ${reason}`);
  return reason;
}
