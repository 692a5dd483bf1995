/** A cluster to play with: `node e2e/cluster/main.ts up` leaves it running, `down` ends it. */

import { programSets } from '../tools/programs.ts';
import { findTools } from '../tools/tools.ts';
import { clusterFolder } from './clean-up.ts';
import { Cluster } from './cluster.ts';
import { whyNoCluster } from './requirements.ts';

async function up(): Promise<void> {
  const reason = whyNoCluster();
  if (reason !== null) throw new Error(reason);
  // Building is no part of the time that it takes.
  await findTools(programSets.cluster);
  const started = performance.now();
  const cluster = await Cluster.up();
  await cluster.keep();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const { kubectl, helm } = cluster.tools;
  console.log(`up in ${seconds} s: ${cluster.nodes.map(({ name, zone }) => `${name} (${zone})`).join(', ')}`);
  console.log(`export KUBECONFIG=${cluster.kubeconfigFile}`);
  console.log(`kubectl: ${kubectl}\nhelm:    ${helm}`);
  console.log(`logs and files: ${clusterFolder}`);
  console.log(`pods reach servers of this machine at ${cluster.hostAddress}`);
  console.log('npm run cluster:down ends it and leaves nothing');
}

async function main(command: string | undefined): Promise<number> {
  try {
    if (command === 'up') await up();
    else if (command === 'down')
      console.log((await Cluster.endKept()) ? 'the cluster is gone' : 'there is none');
    else {
      console.error('usage: main.ts up|down');
      return 2;
    }
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    if (error instanceof Error && error.cause !== undefined) console.error(error.cause);
    return 1;
  }
}

process.exitCode = await main(process.argv[2]);
