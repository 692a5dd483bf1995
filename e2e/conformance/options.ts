/** What the command line asks for. */
export interface Options {
  readonly monitor: string | null;
  readonly scenarios: readonly string[];
  readonly only: readonly string[];
  readonly jobs: number;
  readonly repeat: number;
  readonly differences: string | null;
  readonly pending: boolean;
  readonly skipQuirks: boolean;
  readonly list: boolean;
  readonly verbose: boolean;
  readonly keep: boolean;
  readonly help: boolean;
}

export const usage = `usage: node e2e/conformance/run.ts [options] [scenario…]
  --monitor CMD      command line of the monitor; {opsCfg} and {tmCfg} stand for its configuration files
                     (default: this project's monitor)
  --only TEXT        only scenarios whose name contains TEXT (may be repeated)
  --jobs N           scenarios at a time (default 1)
  --repeat N         compare each scenario N times (default 1)
  --differences DIR  the documented differences: DIR/SCENARIO/ID.json (default: the project's)
  --pending          also run the scenarios of pending.json; they may fail
  --skip-quirks      leave out the checks that scenarios mark as quirks of the recorded monitor
  --list             name the scenarios and end
  --verbose          also show the monitor's output when a scenario fails
  --keep             keep the scratch directories`;

const flags = {
  '--pending': 'pending',
  '--skip-quirks': 'skipQuirks',
  '--list': 'list',
  '--verbose': 'verbose',
  '--keep': 'keep',
  '--help': 'help',
  '-h': 'help',
} as const;

/** Reads the command line; throws an error that says what is wrong with it. */
export function parseOptions(words: readonly string[]): Options {
  const on = new Set<(typeof flags)[keyof typeof flags]>();
  const values: Record<string, string> = {};
  const only: string[] = [];
  const scenarios: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (Object.hasOwn(flags, word)) on.add(flags[word as keyof typeof flags]);
    else if (['--monitor', '--only', '--jobs', '--repeat', '--differences'].includes(word)) {
      const value = words[++i];
      if (value === undefined) throw new Error(`${word} needs a value`);
      if (word === '--only') only.push(value);
      else values[word] = value;
    } else if (word.startsWith('-')) throw new Error(`unknown option ${word}`);
    else scenarios.push(word);
  }
  return {
    monitor: values['--monitor'] ?? null,
    differences: values['--differences'] ?? null,
    jobs: count('--jobs', values['--jobs']),
    repeat: count('--repeat', values['--repeat']),
    scenarios,
    only,
    pending: on.has('pending'),
    skipQuirks: on.has('skipQuirks'),
    list: on.has('list'),
    verbose: on.has('verbose'),
    keep: on.has('keep'),
    help: on.has('help'),
  };
}

function count(option: string, text = '1'): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${option} needs a positive whole number`);
  return value;
}
