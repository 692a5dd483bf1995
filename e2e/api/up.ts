/**
 * An API server to play with: `npm run api:up` prints a kubeconfig and runs until Ctrl-C. It has the controllers
 * and no nodes.
 */
import fs from 'node:fs';
import path from 'node:path';
import { programSets } from '../tools/programs.ts';
import { findTools } from '../tools/tools.ts';
import { ControlPlane } from './control-plane.ts';

const crds = path.join(import.meta.dirname, '../../crds');

async function main(): Promise<void> {
  const found = await findTools(programSets.api);
  if (found.missing !== null) {
    console.error(found.missing);
    process.exitCode = 1;
    return;
  }
  const plane = await ControlPlane.start();
  if (fs.existsSync(crds)) await plane.kubectl('apply', '-f', crds);
  console.log(`export KUBECONFIG=${plane.kubeconfigFile('admin')}`);
  console.log(`kubectl: ${found.tools.kubectl}`);
  console.log('Ctrl-C ends it and leaves nothing');
}

await main();
