import type { Log } from '../common/log.ts';

/** A log whose lines say what part of the program and which object they are about. */
export interface OperatorLog extends Log {
  /** For messages of one part of the program. */
  of(component: string): OperatorLog;
  /** For messages about one object. @param key `namespace/name` */
  about(kind: string, key: string): OperatorLog;
}

export type Level = 'error' | 'warning' | 'info' | 'debug';

export interface LogOptions {
  /** Takes one line, without its end. */
  readonly write: (line: string) => void;
  /** Less important messages are not written. */
  readonly level: Level;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

const ORDER: readonly Level[] = ['error', 'warning', 'info', 'debug'];

/** One JSON object a line: `time`, `level`, `component`, `kind`, `object`, `message`. */
export function jsonLog(options: LogOptions): OperatorLog {
  return logWith(options, {});
}

function logWith(options: LogOptions, fields: Readonly<Record<string, string>>): OperatorLog {
  const { write, now = Date.now } = options;
  const limit = ORDER.indexOf(options.level);
  const at = (level: Level) => (message: string) => {
    if (ORDER.indexOf(level) > limit) return;
    write(JSON.stringify({ time: new Date(now()).toISOString(), level, ...fields, message }));
  };
  return {
    error: at('error'),
    warning: at('warning'),
    info: at('info'),
    debug: at('debug'),
    of: (component) => logWith(options, { ...fields, component }),
    about: (kind, object) => logWith(options, { ...fields, kind, object }),
  };
}
