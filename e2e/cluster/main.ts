/**
 * A cluster to play with: `node e2e/cluster/main.ts up` leaves it running, with `--image` the image of operator and
 * monitors is on its nodes; `down` ends it.
 */

import { programSets } from '../tools/programs.ts';
import { findTools } from '../tools/tools.ts';
import { clusterFolder } from './clean-up.ts';
import { Cluster } from './cluster.ts';
import { programArchive, programImage } from './program-image.ts';
import { whyNoCluster } from './requirements.ts';

async function up(withImage: boolean): Promise<void> {
  const reason = whyNoCluster();
  if (reason !== null) throw new Error(reason);
  // Building is no part of the time that it takes.
  await findTools(programSets.cluster);
  const images = withImage ? [await programArchive()] : [];
  const started = performance.now();
  const cluster = await Cluster.up(images);
  await cluster.keep();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const { kubectl, helm } = cluster.tools;
  console.log(`up in ${seconds} s: ${cluster.nodes.map(({ name, zone }) => `${name} (${zone})`).join(', ')}`);
  console.log(`export KUBECONFIG=${cluster.kubeconfigFile}`);
  console.log(`kubectl: ${kubectl}\nhelm:    ${helm}`);
  if (withImage) console.log(`image on every node: ${programImage}`);
  console.log(`logs and files: ${clusterFolder}`);
  console.log(`pods reach servers of this machine at ${cluster.hostAddress}`);
  console.log('npm run cluster:down ends it and leaves nothing');
}

async function main([command, option]: readonly string[]): Promise<number> {
  try {
    if (command === 'up' && (option === undefined || option === '--image')) await up(option === '--image');
    else if (command === 'down' && option === undefined)
      console.log((await Cluster.endKept()) ? 'the cluster is gone' : 'there is none');
    else {
      console.error('usage: main.ts up [--image] | down');
      return 2;
    }
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    if (error instanceof Error && error.cause !== undefined) console.error(error.cause);
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
