import { after, before, describe } from 'node:test';
import type { WorldOptions } from '../../sim/world.ts';
import { programSets } from '../tools/programs.ts';
import { whyMissing } from '../tools/tools.ts';
import { ControlPlane } from './control-plane.ts';
import { OperatorGround } from './operator-ground.ts';

/** What the tests of one file stand on. */
export interface Ground {
  readonly plane: ControlPlane;
  readonly ground: OperatorGround;
}

/** Tests on an API server of their own, skipped with a reason where it cannot be had. */
export function describeOnGround(
  title: string,
  tests: (at: () => Ground) => void,
  options: Partial<WorldOptions> = {},
): void {
  const missing = whyMissing(programSets.api);
  if (missing !== null) console.log(`SKIPPED: ${title}: ${missing}`);
  describe(title, { skip: missing ?? false }, () => {
    let plane: ControlPlane | null = null;
    let ground: OperatorGround | null = null;
    before(async () => {
      plane = await ControlPlane.start();
      ground = await OperatorGround.open(plane, options);
    });
    after(async () => {
      await ground?.close();
      await plane?.stop();
    });
    tests(() => {
      if (plane === null || ground === null) throw new Error('the API server has not started');
      return { plane, ground };
    });
  });
}
