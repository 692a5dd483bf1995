import { programSets } from '../../tools/programs.ts';
import { findTools, whyMissing } from '../../tools/tools.ts';
import { foundCluster } from '../found/found-by.ts';
import { FoundCluster } from '../found/found-cluster.ts';
import type { ProvingCluster } from '../proving-cluster.ts';
import { whyNoCluster } from '../requirements.ts';
import { OwnCluster } from './own-cluster.ts';

/** Why there is no cluster to prove anything on; null when there is one. */
export function whyNoProvingCluster(): string | null {
  return foundCluster === null ? whyNoCluster() : whyMissing(programSets.found);
}

/** The cluster that `KUBECONFIG` names, else one of this program's own. */
export async function openCluster(): Promise<ProvingCluster> {
  if (foundCluster === null) return OwnCluster.open();
  const { missing, tools } = await findTools(programSets.found);
  if (missing !== null) throw new Error(missing);
  return FoundCluster.open(process.env, tools);
}
