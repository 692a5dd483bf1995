/**
 * Builds the programs that the end-to-end tests run from pinned Go modules, once, into a cache outside the tree:
 * `node e2e/tools/build.ts [api|chart|cluster|all|PROGRAM…]`. Prints where each lies.
 */
import { allPrograms, type ProgramName, programSets } from './programs.ts';
import { findTools } from './tools.ts';

function wanted(names: readonly string[]): readonly ProgramName[] | null {
  const programs = names.flatMap((name): readonly string[] =>
    Object.hasOwn(programSets, name) ? programSets[name as keyof typeof programSets] : [name],
  );
  const known = programs.every((name) => allPrograms.some((program) => program === name));
  return known ? [...new Set(programs as ProgramName[])] : null;
}

async function main(args: readonly string[]): Promise<number> {
  const programs = wanted(args.length === 0 ? ['all'] : args);
  if (programs === null) {
    const sets = Object.keys(programSets).join(', ');
    console.error(`unknown: ${args.join(' ')}\nsets: ${sets}\nprograms: ${allPrograms.join(', ')}`);
    return 2;
  }
  const found = await findTools(programs);
  if (found.missing !== null) {
    console.error(found.missing);
    return 1;
  }
  for (const name of programs) console.log(`${name.padEnd(24)} ${found.tools[name]}`);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
