import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findBreaches } from './import-rules.ts';
import { scanModule } from './module-scanner.ts';
import { listProjectFiles, readProjectFile } from './project-files.ts';

test('the project keeps its import rules', () => {
  const files = listProjectFiles().filter((file) => file.endsWith('.ts'));
  const modules = new Map(files.map((file) => [file, readProjectFile(file)]));
  assert.deepEqual(findBreaches(modules), []);
});

describe('the rules', () => {
  const breaches = (file: string, text: string): string[] => findBreaches(new Map([[file, text]]));
  const allowed: [string, string][] = [
    ['monitor/poll/a.ts', `import { x } from '../../common/ids.ts';`],
    ['monitor/poll/a.ts', `import { parse } from '../parse/astats.ts';`],
    ['monitor/serve/a.ts', `import fs from 'node:fs'; Date.now();`],
    ['monitor/parse/a.ts', `import type { Settings } from '../config/settings.ts';`],
    ['monitor/parse/a.ts', `// Date.now() is read by the caller\nconst x = 'Math.random()'; new Date(time);`],
    ['monitor/parse/a.test.ts', `import fs from 'node:fs'; import { x } from '../../operator/y.ts';`],
    ['operator/kube/a.ts', `import { KubeConfig } from '@kubernetes/client-node';`],
    ['common/kube/a.ts', `import type { V1Lease } from '@kubernetes/client-node';`],
    ['e2e/a.ts', `import { x } from '../monitor/y.ts'; import { z } from '../operator/z.ts';`],
  ];
  for (const [file, text] of allowed) {
    test(`${file} may: ${text}`, () => assert.deepEqual(breaches(file, text), []));
  }

  const refused: [string, string][] = [
    ['monitor/a.ts', `import { x } from '../operator/y.ts';`],
    ['operator/a.ts', `import type { X } from '../monitor/y.ts';`],
    ['common/a.ts', `export { x } from '../sim/y.ts';`],
    ['sim/a.ts', `const x = await import('../monitor/y.ts');`],
    ['monitor/parse/a.ts', `import { x } from '../serve/y.ts';`],
    ['monitor/health/a.ts', `import type { X } from '../poll/y.ts';`],
    ['monitor/poll/a.ts', `import {\n  x,\n} from '../serve/y.ts';`],
    ['monitor/parse/a.ts', `import { readFile } from 'node:fs/promises';`],
    ['monitor/peers/a.ts', `import 'undici';`],
    ['monitor/stats/a.ts', `const now = new Date();`],
    ['monitor/stats/a.ts', 'const now = `${Date.now()}`;'],
    ['common/assignment/a.ts', `setTimeout(() => {}, Math.random());`],
    ['monitor/a.ts', `import { x } from './testing/y.ts';`],
    ['common/kube/a.ts', `import { KubeConfig } from '@kubernetes/client-node';`],
    ['monitor/a.ts', `await import('@kubernetes/client-node');`],
  ];
  for (const [file, text] of refused) {
    test(`${file} may not: ${text}`, () => assert.notDeepEqual(breaches(file, text), []));
  }

  test('a pure module may not use an impure one', () => {
    const modules = new Map([
      ['monitor/health/a.ts', `import { b } from '../../common/b.ts';`],
      ['common/b.ts', `import net from 'node:fs';\nexport const b = 1;`],
    ]);
    const chain = 'monitor/health/a.ts → common/b.ts imports node:fs: monitor/health/a.ts has to be pure';
    assert.deepEqual(findBreaches(modules), [chain]);
  });
});

test('the scanner finds imports of every form, and none in comments or strings', () => {
  const { imports } = scanModule(`
    import a, { type B } from './a.ts';
    import * as c from "./c.ts"; import './d.ts';
    import type { E } from './e.ts';
    export * from './f.ts';
    export type { G } from './g.ts';
    // import h from './h.ts';
    /* import i from './i.ts'; */
    const j = "import k from './k.ts'", slash = /['"\`/]/, url = 'http://x';
    export const l = await import('./l.ts');
    export const m = 'from';
  `);
  const found = imports.map(({ specifier, typeOnly }) => (typeOnly ? `type ${specifier}` : specifier));
  assert.deepEqual(found, ['./a.ts', './c.ts', './d.ts', 'type ./e.ts', './f.ts', 'type ./g.ts', './l.ts']);
});
