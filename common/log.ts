/** The four levelled logs. A message says what failed, on which object, what was kept and what to do. */
export interface Log {
  error(message: string): void;
  warning(message: string): void;
  info(message: string): void;
  debug(message: string): void;
}
