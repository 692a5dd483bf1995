export interface Arguments {
  /** Path of `traffic_ops.cfg`. */
  readonly opsCfg: string;
  /** Path of `traffic_monitor.cfg`. */
  readonly config: string;
}

const USAGE = 'usage: traffic_monitor --opsCfg FILE --config FILE';

/**
 * The command line after the program's name: reference 1.1. One dash or two, `--opsCfg FILE` or
 * `--opsCfg=FILE`; of a repeated flag the last wins. Both files are required at once, while the Go monitor
 * misses `config` only after its login to Traffic Ops (D8).
 *
 * @throws {Error} saying which argument is missing, without its file, or unknown.
 */
export function parseArguments(argv: readonly string[]): Arguments {
  const files = { opsCfg: '', config: '' };
  const words = argv[Symbol.iterator]();
  for (const word of words) {
    const { name, value } = /^--?(?<name>opsCfg|config)(?:=(?<value>.*))?$/s.exec(word)?.groups ?? {};
    if (name !== 'opsCfg' && name !== 'config') throw new Error(`Unknown argument ${word}; ${USAGE}`);
    files[name] = value ?? fileAfter(name, words.next().value);
  }
  if (files.opsCfg === '') throw new Error('The --opsCfg argument is required');
  if (files.config === '') throw new Error('The --config argument is required');
  return files;
}

function fileAfter(name: string, word: string | undefined): string {
  if (word === undefined || word.startsWith('-'))
    throw new Error(`--${name} needs a file after it; ${USAGE}`);
  return word;
}
