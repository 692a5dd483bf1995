import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseArguments } from './arguments.ts';

describe('the command line', () => {
  const right: string[][] = [
    ['--opsCfg', '/o', '--config', '/c'],
    ['-config', '/c', '-opsCfg', '/o'],
    ['--opsCfg=/o', '-config=/c'],
    ['--opsCfg', '/x', '--opsCfg', '/o', '--config', '/c'],
  ];
  for (const argv of right) {
    test(argv.join(' '), () => assert.deepEqual(parseArguments(argv), { opsCfg: '/o', config: '/c' }));
  }

  test('may name a file with an equals sign in it', () => {
    assert.equal(parseArguments(['--opsCfg=a=b', '--config=c']).opsCfg, 'a=b');
  });

  const usage = 'usage: traffic_monitor --opsCfg FILE --config FILE';
  const wrong: [argv: string[], message: string][] = [
    [[], 'The --opsCfg argument is required'],
    [['--config', '/c'], 'The --opsCfg argument is required'],
    [['--opsCfg=', '--config', '/c'], 'The --opsCfg argument is required'],
    [['--opsCfg', '/o'], 'The --config argument is required'],
    [['--opsCfg', '--config', '/c'], `--opsCfg needs a file after it; ${usage}`],
    [['--config'], `--config needs a file after it; ${usage}`],
    [['--opscfg', '/o'], `Unknown argument --opscfg; ${usage}`],
    [['--opsCfg', '/o', 'more'], `Unknown argument more; ${usage}`],
  ];
  for (const [argv, message] of wrong) {
    test(`${argv.join(' ') || '(nothing)'} is refused`, () => {
      assert.throws(() => parseArguments(argv), { message });
    });
  }
});
